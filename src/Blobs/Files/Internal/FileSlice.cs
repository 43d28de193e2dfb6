using System.ComponentModel;
using Blobs.Streams;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>A range of a file as a stream. Several can read one file at once, because none moves a shared
/// position.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FileSlice(SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override long Length => length;

    public override long Position => _position;

    /// <summary>Returns less than requested where the file is shorter than <c>length</c> says; the reader
    /// checks.</summary>
    public override int Read(Span<byte> buffer)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, length - _position)];
        int read = buffer.IsEmpty ? 0 : RandomAccess.Read(file, buffer, offset + _position);
        _position += read;
        return read;
    }
}
