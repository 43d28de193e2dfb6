using System.Reflection;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests;

/// <summary>
/// The public surface of the library stands in PublicApi.txt, so that a change of it is a visible diff. Set
/// BLOBS_UPDATE_API=1 to write it anew.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_one_written_down()
    {
        string path = Path.Combine(Repository.Root, "tests/Blobs.Tests/PublicApi.txt");
        string found = string.Join('\n', Surface()) + "\n";
        if (Environment.GetEnvironmentVariable("BLOBS_UPDATE_API") == "1")
        {
            File.WriteAllText(path, found);
        }

        Assert.Equal(File.ReadAllText(path), found);
    }

    private static IEnumerable<string> Surface()
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (Type type in typeof(Digest).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            yield return Describe(type);
            IEnumerable<string> members = type.IsEnum
                ? Enum.GetNames(type)
                : type.GetMembers(Declared).Where(IsOwn).Select(member => member.ToString()!).Order(StringComparer.Ordinal);
            foreach (string member in members)
            {
                yield return $"    {member}";
            }
        }
    }

    private static string Describe(Type type)
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
