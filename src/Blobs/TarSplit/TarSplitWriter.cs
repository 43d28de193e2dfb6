using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Unicode;
using Blobs.Buffers;
using Blobs.Json.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.TarSplit;

/// <summary>
/// Writes the JSON lines of a tar-split recording, byte for byte as vbatts/tar-split 0.11.4 and later (in engines since 25.0) does
/// with Go's encoding/json: the order and omission of keys, escapes for HTML, a newline after every object.
/// </summary>
internal sealed class TarSplitWriter(IByteSink target) : IDisposable
{
    private readonly ArrayPoolBufferWriter<byte> _line = new(4096);
    private long _position;

    /// <summary>Writes an entry for bytes of the archive that are not the content of a file.</summary>
    public void Segment(ReadOnlySpan<byte> bytes)
    {
        _line.Write("{\"type\":2,\"payload\":\""u8);
        WriteBase64(bytes);
        _line.Write("\""u8);
        EndLine();
    }

    /// <summary>Writes an entry for a file whose content is in the tree under <paramref name="name"/>. With a
    /// <paramref name="size"/> of 0 the entry has no content.</summary>
    public void File(ReadOnlySpan<byte> name, long size, ulong crc64)
    {
        _line.Write("{\"type\":1"u8);
        WriteName(name);
        if (size == 0)
        {
            _line.Write(",\"payload\":null"u8);
        }
        else
        {
            _line.Write(",\"size\":"u8);
            WriteNumber(size);
            _line.Write(",\"payload\":\""u8);
            Span<byte> checksum = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(checksum, crc64);
            WriteBase64(checksum);
            _line.Write("\""u8);
        }

        EndLine();
    }

    public void Dispose() => _line.Dispose();

    private void EndLine()
    {
        _line.Write(",\"position\":"u8);
        WriteNumber(_position++);
        _line.Write("}\n"u8);
        target.Write(_line.WrittenSpan);
        _line.Clear();
    }

    private void WriteName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return;
        }

        if (Utf8.IsValid(name))
        {
            _line.Write(",\"name\":\""u8);
            GoJson.WriteEscaped(_line, name);
        }
        else
        {
            _line.Write(",\"name_raw\":\""u8);
            WriteBase64(name);
        }

        _line.Write("\""u8);
    }

    private void WriteNumber(long number)
    {
        Span<byte> text = _line.GetSpan(20);
        bool isWritten = Utf8Formatter.TryFormat(number, text, out int length);
        System.Diagnostics.Debug.Assert(isWritten, "A long has at most 20 characters.");
        _line.Advance(length);
    }

    private void WriteBase64(ReadOnlySpan<byte> bytes)
    {
        Span<byte> text = _line.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, text, out _, out int written);
        _line.Advance(written);
    }
}
