namespace Blobs.Tests.Testing;

/// <summary>A folder of one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("blobs-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Everything in it, relative and in order; a link with where it leads, a file with its length.</summary>
    public string[] Listing() => Directory.Exists(Path)
        ? [.. new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(item => System.IO.Path.GetRelativePath(Path, item.FullName) + (item is FileInfo file && item.LinkTarget is null ? $" {file.Length}" : ""))
            .Order(StringComparer.Ordinal)]
        : [];

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Files.TreeRemover.Remove(Path);
        }
    }
}
