using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>Records as files below <c>gc</c>. A replacement holds a lock on that directory for its comparison and its
/// write.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileSystemRecords(string folder, bool isDurable) : IRegistryRecords
{
    private const int RecordBytesMax = 64 << 20;
    private const int VersionLength = 32;

    private readonly string _folder = Path.Combine(folder, RegistryPaths.Records);

    public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(PathOf(name)));

    public ValueTask<string?> TryCreateAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(name);
        bool isOurs = AtomicFile.TryCreateDeep(path, content, TemporaryNames.Registry, isDurable)
            || (Read(path) is { } found && found.Content.Span.SequenceEqual(content.Span));
        return ValueTask.FromResult(isOurs ? VersionOf(content.Span) : null);
    }

    public async ValueTask<string?> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default)
    {
        using IDisposable? turn = await RepositoryTurn.EnterAsync(_folder, isExclusive: true, cancellationToken).ConfigureAwait(false);
        string path = PathOf(name);
        if (Read(path)?.Version != version)
        {
            return null;
        }

        AtomicFile.ReplaceDeep(path, content, TemporaryNames.Registry, isDurable);
        return VersionOf(content.Span);
    }

    public async ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        using IDisposable? turn = await RepositoryTurn.EnterAsync(_folder, isExclusive: false, cancellationToken).ConfigureAwait(false);
        string path = PathOf(name);
        if (!FilePath.IsFile(path))
        {
            return false;
        }

        File.Delete(path);
        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
        return true;
    }

    public ValueTask<RegistryListing<string>> ListAsync(
        string folder, RegistryPage page, CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        AddNames(folder, names);
        names.Sort(StringComparer.Ordinal);
        return ValueTask.FromResult(page.Of(names, static name => name));
    }

    private static string VersionOf(ReadOnlySpan<byte> content) => Digest.OfSha256(content).Hex[..VersionLength];

    private static StoredRecord? Read(string path) =>
        SmallFile.TryRead(path, RecordBytesMax) is { } content ? new StoredRecord(content, VersionOf(content)) : null;

    private string PathOf(string name) => string.Concat(_folder, "/", name);

    private void AddNames(string folder, List<string> names)
    {
        foreach (string child in SharedDirectory.Names(PathOf(folder)))
        {
            string name = $"{folder}/{child}";
            if (FilePath.IsDirectory(PathOf(name)))
            {
                AddNames(name, names);
            }
            else if (IsName(child))
            {
                names.Add(name);
            }
        }
    }

    // Leaves out temporary files.
    private static bool IsName(string text) =>
        text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    // Another process may be about to create a record there: it then creates the directory again.
    private void RemoveEmptyFolders(string path)
    {
        while (path.Length > _folder.Length && SharedDirectory.Names(path).Length == 0)
        {
            try
            {
                Directory.Delete(path);
            }
            catch (IOException)
            {
                return;
            }

            path = Path.GetDirectoryName(path)!;
        }
    }
}
