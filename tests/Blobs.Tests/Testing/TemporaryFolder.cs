using Blobs.Files.Internal;

namespace Blobs.Tests.Testing;

/// <summary>A folder for one test. It is deleted afterwards with all its content.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="inMemory">Whether to use memory if possible: stores flush every file, which is slow on a
    /// disk.</param>
    public TemporaryFolder(bool inMemory = false)
    {
        string parent = inMemory && Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"blobs-tests-{System.IO.Path.GetRandomFileName()}")).FullName;
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Creates a text file, and its parent directories.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Lists everything in the folder, sorted, by relative name; files with their length.</summary>
    public string[] Listing() => Directory.Exists(Path)
        ? [.. new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(item => System.IO.Path.GetRelativePath(Path, item.FullName) + (item is FileInfo file && item.LinkTarget is null ? $" {file.Length}" : ""))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Lists everything below a folder, sorted, as "mode name", with the content of small files and
    /// links.</summary>
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
