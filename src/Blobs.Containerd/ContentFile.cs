using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Containerd;

/// <summary>
/// Writes a blob into containerd's own directory, and then tells containerd of it, which neither hashes nor copies it again. When
/// containerd does not find it there, it is sent.
/// </summary>
internal sealed class ContentFile : IBlobWriter
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int CopyBytes = 1 << 20;

    private readonly Services _services;
    private readonly string _root;
    private readonly AtomicFile _file;

    private ContentFile(Services services, string root, AtomicFile file)
    {
        _services = services;
        _root = root;
        _file = file;
    }

    /// <summary>Begins a blob; null when the directory cannot be written, or is not as expected.</summary>
    public static ContentFile? TryCreate(Services services, string root)
    {
        try
        {
            if (!FilePath.IsDirectory(FolderOf(root)))
            {
                return null;
            }

            Sweep(root);
            string path = Path.Combine(root, TemporaryNames.Hidden.NameFor(""));
            return new ContentFile(services, root, AtomicFile.CreateAt(path, path, ReadOnly));
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _file.Stream.WriteAsync(bytes, cancellationToken);

    public async Task CommitAsync(
        Digest digest, long length, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        string path = Path.Combine(FolderOf(_root), digest.Hex);
        _file.Commit(path, isDurable: true);

        // Until containerd knows of it, its collector may remove the name.
        FileStream? bytes = TryOpen(path);
        await using (bytes)
        {
            ContentWriter? writer = await ContentWriter
                .OpenAsync(_services, $"file-{digest}", digest, length, cancellationToken).ConfigureAwait(false);
            if (writer is null)
            {
                await ContentLabels.SetAsync(_services, digest, labels, cancellationToken).ConfigureAwait(false);
                return;
            }

            await using (writer)
            {
                await SendAsync(writer, bytes, digest, cancellationToken).ConfigureAwait(false);
                await writer.CommitAsync(digest, length, labels, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task SendAsync(
        ContentWriter writer, FileStream? bytes, Digest digest, CancellationToken cancellationToken)
    {
        if (writer.IsComplete)
        {
            return;
        }

        if (bytes is null)
        {
            throw new ContainerdException("NotFound", $"blob {digest}: containerd removed it before it knew of it");
        }

        byte[] buffer = new byte[CopyBytes];
        int length;
        while ((length = await bytes.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await writer.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
    }

    private static FileStream? TryOpen(string path) =>
        FileHandle.TryOpenRead(path) is { } handle ? new FileStream(handle, FileAccess.Read, bufferSize: 0) : null;

    private static string FolderOf(string root) => Path.Combine(root, "blobs/sha256");

    // Removes what killed processes left; the files of live ones are locked, but for the moment after they were made.
    private static void Sweep(string root)
    {
        DateTime young = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1);
        foreach (string file in TemporaryNames.HiddenIn(root).Where(file => File.GetLastWriteTimeUtc(file) < young))
        {
            int errno = FileLock.TryTake(file, isExclusive: true, out FileLock? taken);
            if (errno == Errno.None)
            {
                File.Delete(file);
            }

            taken?.Dispose();
        }
    }
}
