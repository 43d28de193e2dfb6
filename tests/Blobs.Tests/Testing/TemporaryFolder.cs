namespace Blobs.Tests.Testing;

/// <summary>A folder of one test, gone afterwards. In memory where there is room: stores flush every file, and a disk takes its time.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = Create();

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Everything in it, relative and in order; a link with where it leads, a file with its length.</summary>
    public string[] Listing() => Directory.Exists(Path)
        ? [.. new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(item => System.IO.Path.GetRelativePath(Path, item.FullName) + (item is FileInfo file && item.LinkTarget is null ? $" {file.Length}" : ""))
            .Order(StringComparer.Ordinal)]
        : [];

    private static string Create()
    {
        string parent = Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath();
        return Directory.CreateDirectory(System.IO.Path.Combine(parent, $"blobs-test-{System.IO.Path.GetRandomFileName()}")).FullName;
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Files.TreeRemover.Remove(Path);
        }
    }
}
