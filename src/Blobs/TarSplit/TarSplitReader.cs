using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Errors.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.TarSplit;

/// <summary>
/// Reads a tar-split recording of any version, one entry at a time; the properties hold the current entry. It is as tolerant as
/// Go's JSON decoder: any white space, unknown keys ignored, keys in any case. Disposing the reader disposes the stream.
/// </summary>
public sealed class TarSplitReader(Stream source, Limits limits) : IDisposable
{
    private readonly ArrayPoolBufferWriter<byte> _name = new(256);
    private readonly ArrayPoolBufferWriter<byte> _payload = new(4096);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _start;
    private int _end;
    private long _offset;
    private bool _isFinal;
    private bool _hasRawName;

    private enum Key
    {
        Other,
        Type,
        Name,
        RawName,
        Size,
        Payload,
    }

    /// <summary>Kind of the entry.</summary>
    public TarSplitEntryKind Kind { get; private set; }

    /// <summary>Name of a file; <c>name_raw</c> takes precedence over <c>name</c>.</summary>
    public ReadOnlySpan<byte> Name => _name.WrittenSpan;

    /// <summary>Size of a file, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>The bytes of a segment, or the checksum of a file.</summary>
    public ReadOnlySpan<byte> Payload => _payload.WrittenSpan;

    /// <summary>CRC-64 of a file's content.</summary>
    public ulong Crc64 =>
        Payload.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(Payload) : 0;

    /// <summary>Opens a recording that is compressed with gzip, as engines keep it.</summary>
    public static TarSplitReader OpenGzip(Stream file, Limits limits) =>
        new(DecodingStream.Open(file, CompressionKind.Gzip, limits), limits);

    /// <summary>Reads the next entry; false at the end of the stream.</summary>
    /// <exception cref="MalformedDataException">The stream is not tar-split JSON, or ends inside an object.</exception>
    /// <exception cref="LimitExceededException">An object is longer than <see cref="Limits.TarSplitLineBytes"/>.</exception>
    public bool Read()
    {
        while (true)
        {
            SkipWhiteSpace();
            if (_start < _end && TryReadObject())
            {
                return true;
            }

            if (_isFinal)
            {
                return _start == _end ? false : throw Syntax("the stream ends inside an object");
            }

            Fill();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _name.Dispose();
        _payload.Dispose();
        source.Dispose();
    }

    private void SkipWhiteSpace()
    {
        while (_start < _end && _buffer[_start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _start++;
            _offset++;
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= limits.TarSplitLineBytes)
            {
                Throw.LimitExceeded(nameof(Limits.TarSplitLineBytes), limits.TarSplitLineBytes, "tar-split: an object");
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        int read = source.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isFinal = read == 0;
    }

    private bool TryReadObject()
    {
        // An object normally ends with its line: do not parse an incomplete one again for every piece that arrives.
        ReadOnlySpan<byte> available = _buffer.AsSpan(_start, _end - _start);
        if (!_isFinal && !available.Contains((byte)'\n') && !available.Contains((byte)'}'))
        {
            return false;
        }

        Kind = TarSplitEntryKind.Unknown;
        Size = 0;
        _hasRawName = false;
        _name.Clear();
        _payload.Clear();
        try
        {
            var json = new Utf8JsonReader(
                available, _isFinal, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 16 }));
            if (!json.Read())
            {
                return false;
            }

            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw Syntax("an object was expected");
            }

            while (true)
            {
                if (!json.Read())
                {
                    return false;
                }

                if (json.TokenType == JsonTokenType.EndObject)
                {
                    _start += (int)json.BytesConsumed;
                    _offset += json.BytesConsumed;
                    return true;
                }

                Key key = KeyOf(ref json);
                if (!json.Read() || !TryTakeValue(ref json, key))
                {
                    return false;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw Syntax(error is JsonException ? "an object does not parse" : "a value has the wrong type");
        }
    }

    private static Key KeyOf(ref Utf8JsonReader json)
    {
        ReadOnlySpan<byte> text = json.ValueSpan;
        return System.Text.Ascii.EqualsIgnoreCase(text, "type"u8) ? Key.Type
            : System.Text.Ascii.EqualsIgnoreCase(text, "name"u8) ? Key.Name
            : System.Text.Ascii.EqualsIgnoreCase(text, "name_raw"u8) ? Key.RawName
            : System.Text.Ascii.EqualsIgnoreCase(text, "size"u8) ? Key.Size
            : System.Text.Ascii.EqualsIgnoreCase(text, "payload"u8) ? Key.Payload
            : Key.Other;
    }

    // False if the buffer does not hold the whole value yet.
    private bool TryTakeValue(ref Utf8JsonReader json, Key key)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        switch (key)
        {
            case Key.Type:
                Kind = json.GetInt64() switch
                {
                    1 => TarSplitEntryKind.File,
                    2 => TarSplitEntryKind.Segment,
                    _ => TarSplitEntryKind.Unknown,
                };
                return true;
            case Key.Size:
                Size = json.GetInt64();
                return Size >= 0 ? true : throw Syntax("a size is negative");
            case Key.Name when !_hasRawName:
                _name.Clear();
                TakeText(ref json, _name);
                return true;
            case Key.RawName:
                _hasRawName = TakeBase64(ref json, _name) > 0;
                return true;
            case Key.Payload:
                TakeBase64(ref json, _payload);
                return true;
            default:
                return json.TrySkip();
        }
    }

    private static void TakeText(ref Utf8JsonReader json, ArrayPoolBufferWriter<byte> target)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            throw new FormatException();
        }

        if (json.ValueIsEscaped)
        {
            target.Advance(json.CopyString(target.GetSpan(json.ValueSpan.Length)));
        }
        else
        {
            target.Write(json.ValueSpan);
        }
    }

    private int TakeBase64(ref Utf8JsonReader json, ArrayPoolBufferWriter<byte> target)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            throw new FormatException();
        }

        ReadOnlySpan<byte> text = json.ValueSpan;
        if (text.IsEmpty)
        {
            // An empty name_raw does not replace the name.
            return 0;
        }

        target.Clear();
        byte[]? unescaped = null;
        if (json.ValueIsEscaped)
        {
            unescaped = ArrayPool<byte>.Shared.Rent(text.Length);
            text = unescaped.AsSpan(0, json.CopyString(unescaped));
        }

        OperationStatus status = Base64.DecodeFromUtf8(
            text, target.GetSpan(Base64.GetMaxDecodedFromUtf8Length(text.Length) + 1), out _, out int written);
        target.Advance(written);
        if (unescaped is not null)
        {
            ArrayPool<byte>.Shared.Return(unescaped);
        }

        return status == OperationStatus.Done ? written : throw Syntax("a payload is not base64");
    }

    private MalformedDataException Syntax(string what) =>
        new(Fault.TarSplitSyntax, _offset, $"tar-split: {what} (at byte {_offset} of the JSON)");
}
