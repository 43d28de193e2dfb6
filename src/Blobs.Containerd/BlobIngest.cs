using Blobs.Containerd.Api;
using Blobs.Hashing;

namespace Blobs.Containerd;

/// <summary>Puts blobs into containerd's content store, under a lease.</summary>
internal sealed class BlobIngest(Lease lease, string? contentRoot)
{
    public Services Services => lease.Services;

    /// <summary>The size of a blob if containerd has it, which the lease keeps then; else null.</summary>
    public async Task<long?> FindAsync(ContentReader content, Digest digest, CancellationToken cancellationToken)
    {
        // In this order: the collector may run between the two.
        await lease.AddContentAsync(digest, cancellationToken).ConfigureAwait(false);
        Info? found = await content.FindAsync(digest, cancellationToken).ConfigureAwait(false);
        return found?.Size;
    }

    /// <summary>Begins to write a layer's blob, which containerd did not have.</summary>
    /// <param name="name">What names it until it has a digest.</param>
    /// <param name="digest">Its digest, if it is known.</param>
    /// <param name="length">Its length, if it is known.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when containerd has it by now.</returns>
    public async Task<IBlobWriter?> OpenAsync(string name, Digest? digest, long? length, CancellationToken cancellationToken)
    {
        bool isSha256 = digest is null || digest.Value.Algorithm == DigestAlgorithm.Sha256;
        return contentRoot is not null && isSha256 && ContentFile.TryCreate(lease.Services, contentRoot) is { } file
            ? file
            : await ContentWriter.OpenAsync(lease.Services, $"layer-{name}", digest, length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a document, or sets the labels of the one that is there.</summary>
    public async Task PutAsync(
        string kind,
        Digest digest,
        ReadOnlyMemory<byte> bytes,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken)
    {
        ContentWriter? writer = await ContentWriter
            .OpenAsync(lease.Services, $"{kind}-{digest}", digest, bytes.Length, cancellationToken).ConfigureAwait(false);
        if (writer is null)
        {
            await ContentLabels.SetAsync(lease.Services, digest, labels, cancellationToken).ConfigureAwait(false);
            return;
        }

        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await writer.CommitAsync(digest, bytes.Length, labels, cancellationToken).ConfigureAwait(false);
        }
    }
}
