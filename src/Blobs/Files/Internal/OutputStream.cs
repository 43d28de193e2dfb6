using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>Writes to an open file; errors show the name that the user gave. A file that may be shared with other
/// processes, such as standard output, is written at its shared position; only a file of our own is seekable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public class OutputStream(SafeFileHandle handle, string name, bool canSeek) : Stream
{
    private const int FlushBytes = 8 << 20;

    private long _position;
    private long _flushing;

    /// <summary>Whether the disk begins to take the content while it is written. For a file of our own that is flushed in the
    /// end.</summary>
    internal bool FlushesAhead { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => canSeek;

    public override bool CanWrite => true;

    public override long Length => canSeek ? RandomAccess.GetLength(handle) : throw new NotSupportedException();

    public override long Position
    {
        get => canSeek ? _position : throw new NotSupportedException();
        set => _position = canSeek ? value : throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        int number = (int)handle.DangerousGetHandle();
        int errno = canSeek ? FileHandle.WriteAt(number, buffer, _position) : FileHandle.Write(number, buffer);
        if (errno != Errno.None)
        {
            throw Errno.Error("write", errno, name);
        }

        _position += buffer.Length;
        if (FlushesAhead && _position - _flushing >= FlushBytes)
        {
            FileHandle.BeginFlush(number, _flushing, _position - _flushing);
            _flushing = _position;
        }

        GC.KeepAlive(handle);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
