using System.Buffers;
using Blobs.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Blobs.Compression;

/// <summary>
/// Zstandard as one frame with a checksum. With more than one thread the library cuts the input into jobs, which changes the bytes; so that
/// they depend on level and input only, one thread compresses whatever is asked for.
/// </summary>
internal sealed class ZstdEncoder : IByteSink, IDisposable
{
    private const int UsualLevel = 3;
    private const int ChunkBytes = 128 << 10;

    private readonly IByteSink _target;
    private readonly Compressor _compressor;
    private readonly byte[] _output = new byte[ChunkBytes];

    public ZstdEncoder(IByteSink target, EncoderOptions? options = null)
    {
        _target = target;
        _compressor = new Compressor(Math.Clamp(options?.Level ?? UsualLevel, 1, Compressor.MaxCompressionLevel));
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _compressor.WrapStream(bytes, _output, out int consumed, out int written, isFinalBlock: false);
            _target.Write(_output.AsSpan(0, written));
            bytes = bytes[consumed..];
        }
    }

    /// <summary>Ends the frame. Called once.</summary>
    public void Complete()
    {
        OperationStatus status;
        do
        {
            status = _compressor.WrapStream([], _output, out _, out int written, isFinalBlock: true);
            _target.Write(_output.AsSpan(0, written));
        }
        while (status == OperationStatus.DestinationTooSmall);
    }

    public void Dispose() => _compressor.Dispose();
}
