using System.Reflection;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Hashing;
using Blobs.Storage.S3;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests;

/// <summary>
/// The public surface of each package stands in PublicApi/PACKAGE.txt, so that a change of it is a visible diff. What is public for our own
/// packages only, in namespaces that end in .Internal, stands in Internal.txt. Set BLOBS_UPDATE_API=1 to write them anew.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages =
        [typeof(Digest).Assembly, typeof(RegistryClient).Assembly, typeof(DockerRoot).Assembly, typeof(ContainersStore).Assembly, typeof(ContainerdStore).Assembly, typeof(ImageCopier).Assembly, typeof(S3Storage).Assembly];

    public static TheoryData<string> Names => [.. Packages.Select(package => package.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_public_surface_is_the_one_written_down(string package) => AssertWrittenDown(
        package, Packages.Single(assembly => assembly.GetName().Name == package).GetExportedTypes().Where(type => !IsInternal(type)), Describe);

    [Fact]
    public void What_only_our_own_packages_use_is_written_down() => AssertWrittenDown(
        "Internal", Packages.SelectMany(package => package.GetExportedTypes()).Where(IsInternal), type => [DescribeType(type)]);

    private static void AssertWrittenDown(string name, IEnumerable<Type> types, Func<Type, IEnumerable<string>> describe)
    {
        string path = Path.Combine(Repository.Root, $"tests/Blobs.Tests/PublicApi/{name}.txt");
        string found = string.Join('\n', types.OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(describe)) + "\n";
        if (Environment.GetEnvironmentVariable("BLOBS_UPDATE_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, found);
        }

        Assert.Equal(File.ReadAllText(path), found);
    }

    private static bool IsInternal(Type type) => type.Namespace!.EndsWith(".Internal", StringComparison.Ordinal);

    private static IEnumerable<string> Describe(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> members = type.IsEnum
            ? Enum.GetNames(type)
            : type.GetMembers(Declared).Where(IsOwn).Select(member => member.ToString()!).Order(StringComparer.Ordinal);
        return members.Select(member => $"    {member}").Prepend(DescribeType(type));
    }

    private static string DescribeType(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        string modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type is { IsClass: true, IsAbstract: true } ? "abstract " : "";
        return $"{modifier}{kind} {type.FullName}";
    }

    // What the compiler adds to records and what every value or stream has says nothing.
    private static bool IsOwn(MemberInfo member) =>
        member is not MethodInfo { IsSpecialName: true }
        && member is not MethodInfo { Name: "Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "PrintMembers" or "<Clone>$" or "CompareTo" or "TryFormat" }
        && !(typeof(Stream).IsAssignableFrom(member.DeclaringType) && member is not ConstructorInfo);
}
