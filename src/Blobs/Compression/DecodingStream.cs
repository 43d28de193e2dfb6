using System.Buffers;
using Blobs.Errors;
using Blobs.Streams;

namespace Blobs.Compression;

/// <summary>
/// What a compressed stream decompresses to, read-only; every checksum of the format is checked. It works where it is read, on one thread:
/// layers are faster through the pipeline. Owns its source.
/// </summary>
public sealed class DecodingStream : ReadOnlyStream
{
    private const int ChunkBytes = 64 << 10;

    private readonly Stream _source;
    private readonly IDecoder _decoder;
    private readonly byte[] _input = new byte[ChunkBytes];
    private readonly byte[] _output;
    private int _inputStart;
    private int _inputEnd;
    private int _outputStart;
    private int _outputEnd;
    private bool _isFinal;
    private bool _isDone;

    private DecodingStream(Stream source, IDecoder decoder)
    {
        _source = source;
        _decoder = decoder;
        _output = new byte[decoder.WindowBytes + ChunkBytes];
    }

    /// <summary>Begins to decode a stream whose compression is known.</summary>
    /// <param name="source">The compressed stream; disposed with this one.</param>
    /// <param name="kind">How it is compressed.</param>
    /// <param name="limits">How much memory its windows may take.</param>
    public static DecodingStream Open(Stream source, CompressionKind kind, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new DecodingStream(source, Decoders.Create(kind, limits ?? Limits.Default));
    }

    /// <summary>Looks at the first bytes of a stream and begins to decode it: gzip, zstd, bzip2, xz, or not compressed.</summary>
    /// <param name="source">The stream; disposed with the one that is returned.</param>
    /// <param name="limits">How much memory its windows may take.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes.</param>
    /// <exception cref="MalformedDataException">It is compressed in a way that layers are not.</exception>
    public static async Task<DecodingStream> DetectAsync(
        Stream source, Limits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var peeked = new PeekedStream(source);
        ReadOnlyMemory<byte> prefix =
            await peeked.PeekAsync(CompressionDetector.PrefixBytes, cancellationToken).ConfigureAwait(false);
        return Open(peeked, CompressionDetector.Detect(prefix.Span), limits);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Decode()
    {
        if (_outputEnd == _output.Length)
        {
            // Keep what the _decoder looks back at, make room behind it.
            _output.AsSpan(_outputEnd - _decoder.WindowBytes).CopyTo(_output);
            _outputStart = _outputEnd = _decoder.WindowBytes;
        }

        if (_inputStart == _inputEnd && !_isFinal)
        {
            _inputStart = 0;
            _inputEnd = _source.Read(_input, 0, _input.Length);
            _isFinal = _inputEnd == 0;
        }

        OperationStatus status = _decoder.Decode(
            _input.AsSpan(_inputStart, _inputEnd - _inputStart), _output, _outputEnd, _isFinal, out int consumed, out int written);
        _inputStart += consumed;
        _outputEnd += written;
        if (status == OperationStatus.InvalidData)
        {
            throw _decoder.Error;
        }

        _isDone = status == OperationStatus.Done;
    }
}
