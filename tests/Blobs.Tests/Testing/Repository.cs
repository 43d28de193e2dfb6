using System.Runtime.CompilerServices;

namespace Blobs.Tests.Testing;

/// <summary>The checked-out source tree, for tests that read source files.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Returns every C# file below a folder, except build output, with its path relative to the
    /// root.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Select(path => (path, File.ReadAllText(Path.Combine(Root, path))));

    private static string Find([CallerFilePath] string here = "")
    {
        // Deterministic builds map paths, so the path of this file is only a hint. The test binary is below the root
        // too.
        foreach (string start in (string[])[AppContext.BaseDirectory, here])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Blobs.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("Blobs.sln is nowhere above the test binary.");
    }
}
