using Blobs.Files.Internal;

namespace Blobs.Tests.Testing;

/// <summary>A folder of one test, gone afterwards whatever is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="inMemory">Where that can be: stores flush every file, and a disk takes its time.</param>
    public TemporaryFolder(bool inMemory = false)
    {
        string parent = inMemory && Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"blobs-tests-{System.IO.Path.GetRandomFileName()}")).FullName;
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file with this text, and the directories on the way.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Everything in it, relative and in order; a file with its length.</summary>
    public string[] Listing() => Directory.Exists(Path)
        ? [.. new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(item => System.IO.Path.GetRelativePath(Path, item.FullName) + (item is FileInfo file && item.LinkTarget is null ? $" {file.Length}" : ""))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Everything below, in order, as "mode name" and what is in small files or links.</summary>
    public static string[] List(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            string what = info.LinkTarget is { } target ? $" -> {target}" : info is FileInfo { Length: > 0 } ? $" = {File.ReadAllText(path)}" : "";
            string mode = info.LinkTarget is null ? Convert.ToString((int)info.UnixFileMode, 8) : "link";
            return $"{mode} {System.IO.Path.GetRelativePath(folder, path)}{what}";
        })];

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            TreeRemover.Remove(Path);
        }
    }
}
