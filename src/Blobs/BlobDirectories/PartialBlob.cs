using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Blobs.BlobDirectories;

/// <summary>
/// A blob whose digest is known beforehand, in a file that outlives its writer: what came before a connection was lost, or the process
/// ended, is there for the next try. That one reads it and writes the whole blob again; bytes that are here already are not
/// written twice. Disposed without commit it stays, unless it was discarded.
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

    /// <summary>Bytes that an earlier try left; nobody has checked them.</summary>
    public long KeptBytes { get; }

    /// <summary>Opens a blob's file, or makes it; null when another process is at it.</summary>
    /// <param name="path">Where it is until it is whole.</param>
    /// <param name="target">Where it is to be.</param>
    internal static PartialBlob? TryOpen(string path, string target)
    {
        var made = new MadeDirectories(isDurable: true);
        made.Ensure(Path.GetDirectoryName(path)!, BlobUpload.DirectoryMode);
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

    /// <summary>The bytes an earlier try left.</summary>
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
        _made.Ensure(Path.GetDirectoryName(_target)!, BlobUpload.DirectoryMode);
        AtomicFile.Publish(_path, _target);
        _isOver = true;

        // Our own lock would keep readers of the blob out.
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Forgets the bytes: they are not the blob's.</summary>
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
