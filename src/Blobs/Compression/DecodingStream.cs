using System.Buffers;
using Blobs.Streams;

namespace Blobs.Compression;

/// <summary>A decoder as a read-only stream, for whoever pulls: small things, such as recordings. Owns source and decoder.</summary>
internal sealed class DecodingStream(Stream source, IDecoder decoder) : ReadOnlyStream
{
    private const int ChunkBytes = 64 << 10;

    private readonly byte[] _input = new byte[ChunkBytes];
    private readonly byte[] _output = new byte[decoder.WindowBytes + ChunkBytes];
    private int _inputStart;
    private int _inputEnd;
    private int _outputStart;
    private int _outputEnd;
    private bool _isFinal;
    private bool _isDone;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (_outputStart == _outputEnd)
        {
            if (_isDone)
            {
                return 0;
            }

            Decode();
        }

        int copied = Math.Min(buffer.Length, _outputEnd - _outputStart);
        _output.AsSpan(_outputStart, copied).CopyTo(buffer);
        _outputStart += copied;
        return copied;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decoder.Dispose();
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Decode()
    {
        if (_outputEnd == _output.Length)
        {
            // Keep what the decoder looks back at, make room behind it.
            _output.AsSpan(_outputEnd - decoder.WindowBytes).CopyTo(_output);
            _outputStart = _outputEnd = decoder.WindowBytes;
        }

        if (_inputStart == _inputEnd && !_isFinal)
        {
            _inputStart = 0;
            _inputEnd = source.Read(_input, 0, _input.Length);
            _isFinal = _inputEnd == 0;
        }

        OperationStatus status = decoder.Decode(
            _input.AsSpan(_inputStart, _inputEnd - _inputStart), _output, _outputEnd, _isFinal, out int consumed, out int written);
        _inputStart += consumed;
        _outputEnd += written;
        if (status == OperationStatus.InvalidData)
        {
            throw decoder.Error;
        }

        _isDone = status == OperationStatus.Done;
    }
}
