using Blobs.Files;

namespace Blobs.Tests.Testing;

/// <summary>A folder of one test, gone afterwards whatever is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("blobs-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file with this text, and the directories on the way.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Everything below, in order, as "mode name" and what is in small files or links.</summary>
    public static string[] List(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            string what = info.LinkTarget is { } target ? $" -> {target}" : info is FileInfo { Length: > 0 } ? $" = {File.ReadAllText(path)}" : "";
            string mode = info.LinkTarget is null ? Convert.ToString((int)info.UnixFileMode, 8) : "link";
            return $"{mode} {System.IO.Path.GetRelativePath(folder, path)}{what}";
        })];

    public void Dispose() => TreeRemover.Remove(Path);
}
