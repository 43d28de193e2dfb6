using Blobs.Hashing;

namespace Blobs.Containerd;

/// <summary>A blob on its way into containerd. Disposed without a commit, it does not appear.</summary>
internal interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Takes the next bytes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the blob appear. It was verified.</summary>
    Task CommitAsync(Digest digest, long length, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken);
}
