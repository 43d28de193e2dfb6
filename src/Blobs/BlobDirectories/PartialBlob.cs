using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Blobs.BlobDirectories;

/// <summary>
/// A partial blob of known digest, in a file that outlives its writer, so that the next attempt can resume it after a
/// lost connection or a crash. That attempt reads the kept bytes and writes the blob from its beginning; writes of kept
/// bytes are skipped. Unless it is committed or discarded, the file stays.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class PartialBlob : IBlobUpload
{
    private readonly string _path;
    private readonly string _target;
    private readonly MadeDirectories _made;
    private readonly SafeFileHandle _file;
    private long _position;
    private bool _isOver;

    private PartialBlob(string path, string target, MadeDirectories made, SafeFileHandle file)
    {
        _path = path;
        _target = target;
        _made = made;
        _file = file;
        KeptBytes = RandomAccess.GetLength(file);
    }

    /// <summary>Bytes that an earlier attempt left, not verified.</summary>
    public long KeptBytes { get; }

    /// <summary>Opens or creates a blob's file; null when another process is writing it.</summary>
    /// <param name="path">The path while it is partial.</param>
    /// <param name="target">The final path.</param>
    internal static PartialBlob? TryOpen(string path, string target)
    {
        var made = new MadeDirectories(isDurable: true);
        made.Ensure(Path.GetDirectoryName(path)!, MadeDirectories.Readable);
        try
        {
            return new PartialBlob(
                path, target, made, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            made.Undo();
            if (Errno.IsTrouble(fault))
            {
                throw Errno.Error("open", fault, target);
            }

            return null;
        }
    }

    /// <summary>Reads the bytes that an earlier attempt left.</summary>
    public Stream OpenRead() => new FileSlice(_file, 0, KeptBytes);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        int known = (int)Math.Clamp(KeptBytes - _position, 0, bytes.Length);
        int errno = FileHandle.WriteAt((int)_file.DangerousGetHandle(), bytes[known..], _position + known);
        GC.KeepAlive(_file);
        if (errno != Errno.None)
        {
            throw Errno.Error("write", errno, _target);
        }

        _position += bytes.Length;
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        File.SetUnixFileMode(_file, SmallFile.Readable);
        FileHandle.FlushToDisk(_file, _target);
        _made.Ensure(Path.GetDirectoryName(_target)!, MadeDirectories.Readable);
        AtomicFile.Publish(_path, _target);
        _isOver = true;

        // The handle's lock would block readers of the blob.
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Deletes the partial blob, because its bytes are wrong.</summary>
    public void Discard()
    {
        File.Delete(_path);
        _isOver = true;
        _made.Undo();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isOver && RandomAccess.GetLength(_file) == 0)
        {
            Discard();
        }

        _isOver = true;
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
