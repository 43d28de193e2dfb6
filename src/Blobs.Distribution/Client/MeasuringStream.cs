using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Streams;

namespace Blobs.Distribution.Client;

/// <summary>Counts and hashes the bytes that are written through it. Does not dispose the target.</summary>
/// <param name="target">Receives the bytes.</param>
internal sealed class MeasuringStream(Stream target) : WriteOnlyStream
{
    private readonly Sha256Hasher _hasher = new();
    private long _length;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position => _length;

    /// <summary>Digest of everything written. Call it once, at the end.</summary>
    public Digest FinishDigest() => _hasher.FinishDigest();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hasher.Append(buffer);
        _length += buffer.Length;
        target.Write(buffer);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _hasher.Append(buffer.Span);
        _length += buffer.Length;
        return target.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Flush() => target.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hasher.Dispose();
        }

        base.Dispose(disposing);
    }
}
