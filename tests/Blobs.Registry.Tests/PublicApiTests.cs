using System.Reflection;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>The public surface stands in PublicApi.txt, so that a change of it is a visible diff; BLOBS_UPDATE_API=1 writes it anew.</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_public_surface_is_the_one_written_down()
    {
        string path = Path.Combine(Repository.Root, "tests/Blobs.Registry.Tests/PublicApi.txt");
        IEnumerable<string> lines = typeof(RegistryOptions).Assembly.GetExportedTypes()
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => type.GetMembers(Declared)
                .Where(member => member is not MethodInfo { IsSpecialName: true })
                .Select(member => $"    {member}")
                .Order(StringComparer.Ordinal)
                .Prepend(type.FullName!));
        string found = string.Join('\n', lines) + "\n";
        if (Environment.GetEnvironmentVariable("BLOBS_UPDATE_API") == "1")
        {
            File.WriteAllText(path, found);
        }

        Assert.Equal(File.ReadAllText(path), found);
    }
}
