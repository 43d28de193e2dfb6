using Blobs.Buffers;

namespace Blobs.Compression;

/// <summary>Compresses everything that is written, on the thread that writes. For small data, such as recordings; the pipeline's
/// encoder compresses layers on several threads, to the same bytes.</summary>
public sealed class BlockEncoder : IByteSink, IDisposable
{
    private readonly IByteSink _target;
    private readonly BlockFormat _format;
    private readonly byte[] _block;
    private readonly MemoryStream _compressed = new();
    private int _length;
    private bool _isStarted;

    /// <summary>Begins a stream.</summary>
    /// <param name="target">Receives the compressed bytes; not disposed.</param>
    /// <param name="kind">gzip or zstd.</param>
    /// <param name="level">The compression level, as in <see cref="EncoderOptions.Level"/>.</param>
    public BlockEncoder(IByteSink target, CompressionKind kind, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        _target = target;
        _format = BlockFormat.Of(kind, level);
        _block = ResidentArray.AllocateUninitialized<byte>(_format.BlockBytes);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_length == _block.Length)
            {
                // More bytes follow, so this block is not the last.
                WriteBlock(isFinal: false);
            }

            int taken = Math.Min(bytes.Length, _block.Length - _length);
            bytes[..taken].CopyTo(_block.AsSpan(_length));
            _length += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Writes the last block and the trailer. Call it once.</summary>
    public void Complete()
    {
        WriteBlock(isFinal: true);
        _target.Write(_format.MakeTrailer().Span);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressed.Dispose();
        _format.Dispose();
    }

    private void WriteBlock(bool isFinal)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _target.Write(_format.Header.Span);
        }

        ReadOnlySpan<byte> block = _block.AsSpan(0, _length);
        _format.UpdateTrailer(block);
        _compressed.SetLength(0);
        _format.Compress(block, isFinal, _compressed);
        _target.Write(_compressed.GetBuffer().AsSpan(0, (int)_compressed.Length));
        _length = 0;
    }
}
