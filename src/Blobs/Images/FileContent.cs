using Blobs.Buffers;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Turns the payload of one entry into the content of the file: the holes of a sparse file become zeros.</summary>
internal sealed class FileContent(IByteSink target)
{
    private static readonly byte[] Zeros = new byte[64 << 10];

    private SparseChunk[] _map = [];
    private bool _isSparse;
    private int _chunk;
    private long _position;
    private long _size;

    public void Begin(TarEntry entry)
    {
        _isSparse = entry.IsSparse;
        _map = _isSparse ? entry.SparseMap.ToArray() : [];
        _chunk = 0;
        _position = 0;
        _size = entry.Size;
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (!_isSparse)
        {
            target.Write(bytes);
            return;
        }

        while (!bytes.IsEmpty && _chunk < _map.Length)
        {
            SparseChunk chunk = _map[_chunk];
            FillTo(chunk.Offset);
            int length = (int)Math.Min(bytes.Length, chunk.Offset + chunk.Length - _position);
            target.Write(bytes[..length]);
            _position += length;
            bytes = bytes[length..];
            _chunk += _position == chunk.Offset + chunk.Length ? 1 : 0;
        }
    }

    public void End()
    {
        if (_isSparse)
        {
            FillTo(_size);
        }
    }

    private void FillTo(long position)
    {
        while (_position < position)
        {
            int length = (int)Math.Min(Zeros.Length, position - _position);
            target.Write(Zeros.AsSpan(0, length));
            _position += length;
        }
    }
}
