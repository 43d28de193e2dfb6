using System.Security.Cryptography;

namespace Blobs.Hashing;

/// <summary>
/// Reads a blob and verifies its digest and length. It hashes the bytes as they are read and reports the end of the stream only if
/// both match, so a reader that reaches the end has read exactly the expected blob.
/// </summary>
public sealed class VerifyingStream : Stream
{
    private readonly Stream _source;
    private readonly Digest _expected;
    private readonly long? _expectedLength;
    private readonly bool _leaveOpen;
    private readonly IncrementalHash _hash;
    private long _length;
    private bool _isVerified;

    /// <param name="source">The blob; disposed with this stream unless <paramref name="leaveOpen"/>.</param>
    /// <param name="expected">The digest that the blob must have.</param>
    /// <param name="expectedLength">The length that the blob must have, if known. A longer source fails as soon as it exceeds it.</param>
    /// <param name="leaveOpen">Whether to leave <paramref name="source"/> open.</param>
    public VerifyingStream(Stream source, Digest expected, long? expectedLength = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _expected = expected;
        _expectedLength = expectedLength;
        _leaveOpen = leaveOpen;
        _hash = IncrementalHash.CreateHash(
            expected.Algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The source is too short or too long, or has another digest.</exception>
    public override int Read(Span<byte> buffer) => Take(buffer, _source.Read(buffer));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="DigestMismatchException">The source is too short or too long, or has another digest.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Take(buffer.Span, read);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            if (!_leaveOpen)
            {
                _source.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> buffer, int read)
    {
        if (read > 0)
        {
            _hash.AppendData(buffer[..read]);
            _length += read;
            return _length <= _expectedLength.GetValueOrDefault(long.MaxValue)
                ? read
                : throw new DigestMismatchException("blob length", $"{_expectedLength} bytes", "more", _length);
        }

        if (!buffer.IsEmpty && !_isVerified)
        {
            Verify();
        }

        return read;
    }

    private void Verify()
    {
        if (_expectedLength is { } length && length != _length)
        {
            throw new DigestMismatchException("blob length", $"{length} bytes", $"{_length} bytes", _length);
        }

        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        int written = _hash.GetHashAndReset(hash);
        Digest found = Digest.FromHash(_expected.Algorithm, hash[..written]);
        _isVerified = found == _expected
            ? true
            : throw new DigestMismatchException("blob digest", $"{_expected}", $"{found}", _length);
    }
}
