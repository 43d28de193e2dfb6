using Blobs.Buffers;

namespace Blobs.Erofs;

/// <summary>Writes an image from its beginning to its end. Small pieces are gathered, large ones go straight through.</summary>
/// <param name="target">Takes the image.</param>
/// <param name="verity">Hashes it on the way, if its dm-verity tree is wanted.</param>
internal sealed class ErofsOutput(Stream target, VerityTree? verity) : IByteSink
{
    private const int BufferBytes = 512 << 10;
    private const int DirectBytes = 64 << 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private long _flushed;
    private int _used;

    /// <summary>Offset of the next byte.</summary>
    public long Position => _flushed + _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - _used)
        {
            Flush();
        }

        if (bytes.Length >= DirectBytes && _used == 0)
        {
            WriteOut(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Advances to an offset; what lies between is zero. A long gap becomes a hole.</summary>
    public void PadTo(long offset)
    {
        long count = offset - Position;
        if (count <= BufferBytes - _used)
        {
            _buffer.AsSpan(_used, (int)count).Clear();
            _used += (int)count;
            return;
        }

        Flush();
        verity?.AppendZeros(count);
        _flushed += count;
        target.Position = _flushed;
    }

    /// <summary>Advances to the next multiple of a block.</summary>
    public void Align(int blockBytes) => PadTo(ErofsFormat.RoundUp(Position, blockBytes));

    /// <summary>Writes what was gathered.</summary>
    public void Flush()
    {
        WriteOut(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    /// <summary>Ends the image, of which all else is written out: writes its first bytes, which were left empty until now.</summary>
    public void Complete(ReadOnlySpan<byte> header)
    {
        target.Position = 0;
        target.Write(header);
    }

    private void WriteOut(ReadOnlySpan<byte> bytes)
    {
        target.Write(bytes);
        verity?.Append(bytes);
        _flushed += bytes.Length;
    }
}
