using System.Net;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Streams;

namespace Blobs.Client;

/// <summary>A body that is made while it is sent, hashed and counted on the way. What fails in making it is kept apart from what fails
/// in sending it.</summary>
internal sealed class ProducedContent(Func<Stream, CancellationToken, Task> write, long? length, CancellationToken cancellationToken)
    : HttpContent
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Digest _digest;
    private long _bytes;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Told whenever bytes went out.</summary>
    public Action? Moved { get; set; }

    public void ThrowIfFailed() => _fault?.Throw();

    /// <summary>What was sent.</summary>
    public Descriptor Describe() => new() { MediaType = MediaTypes.OctetStream, Digest = _digest, Size = _bytes };

    /// <exception cref="DigestMismatchException">Something else was sent.</exception>
    public void Expect(Descriptor blob)
    {
        if (blob.Digest.Algorithm == DigestAlgorithm.Sha256 && blob.Digest != _digest)
        {
            throw new DigestMismatchException("pushed blob", $"{blob.Digest}", $"{_digest}", _bytes);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, cancellationToken);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var counting = new CountingStream(this, stream);
        await using (counting.ConfigureAwait(false))
        {
            try
            {
                await write(counting, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (!counting.HasFailed)
            {
                _fault = ExceptionDispatchInfo.Capture(fault);
                throw;
            }
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        _digest = Digest.FromHash(DigestAlgorithm.Sha256, hash);
    }

    protected override bool TryComputeLength(out long bytes)
    {
        bytes = length.GetValueOrDefault();
        return length.HasValue;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class CountingStream(ProducedContent content, Stream target) : WriteOnlyStream
    {
        public bool HasFailed { get; private set; }

        public override long Position => content._bytes;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            content._hash.AppendData(buffer.Span);
            content._bytes += buffer.Length;
            try
            {
                await target.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                content.Moved?.Invoke();
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }

        // For producers that have a thread of their own, as encoders do: it waits for the connection, and nobody for it.
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            content._hash.AppendData(buffer);
            content._bytes += buffer.Length;
            try
            {
                target.Write(buffer);
                content.Moved?.Invoke();
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);
    }
}
