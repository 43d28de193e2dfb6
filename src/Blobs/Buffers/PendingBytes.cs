using System.Buffers;

namespace Blobs.Buffers;

/// <summary>Bytes on their way from a writer to a reader, such as headers and padding of a tar that is made as it is
/// read.</summary>
internal sealed class PendingBytes : IByteSink
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private int _taken;

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Moves what is pending, and fits, to <paramref name="target"/>, and returns its length.</summary>
    public int Take(Span<byte> target)
    {
        ReadOnlySpan<byte> rest = _bytes.WrittenSpan[_taken..];
        int count = Math.Min(rest.Length, target.Length);
        rest[..count].CopyTo(target);
        _taken += count;
        if (count == rest.Length)
        {
            _bytes.ResetWrittenCount();
            _taken = 0;
        }

        return count;
    }
}
