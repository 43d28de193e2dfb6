using System.Buffers;
using Blobs.Compression.Internal;
using Blobs.Errors;
using Blobs.Streams;

namespace Blobs.Compression;

/// <summary>
/// Decompresses a stream while it is read, and verifies all checksums of its format. It runs on the thread that reads; the pipeline
/// is faster for layers. Owns its source.
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

    /// <summary>Opens a stream whose compression is known.</summary>
    /// <param name="source">The compressed stream; disposed with the new one.</param>
    /// <param name="kind">Its compression.</param>
    /// <param name="limits">Limits for the size of windows; <see cref="Limits.Default"/> if null.</param>
    public static DecodingStream Open(Stream source, CompressionKind kind, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new DecodingStream(source, Decoders.Create(kind, limits ?? Limits.Default));
    }

    /// <summary>Detects the compression of a stream by its first bytes (gzip, zstd, bzip2, xz or none) and opens it.</summary>
    /// <param name="source">The stream; disposed with the new one.</param>
    /// <param name="limits">Limits for the size of windows; <see cref="Limits.Default"/> if null.</param>
    /// <param name="cancellationToken">Cancels waiting for the first bytes.</param>
    /// <exception cref="MalformedDataException">The compression is known but not supported.</exception>
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
            // Keep the window of the decoder, and free the space after it.
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
