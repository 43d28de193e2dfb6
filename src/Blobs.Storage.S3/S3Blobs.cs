using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>The blobs of a registry, one object each.</summary>
internal sealed class S3Blobs(S3Client client, S3Keys keys) : IRegistryBlobs
{
    private readonly SharedReads<S3Stat?> _stats = new(client.StatAsync);

    public async ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default) =>
        await _stats.ReadAsync(keys.Blob(digest), cancellationToken).ConfigureAwait(false) is { } found
            ? new BlobStat(found.Length, found.ChangedAt)
            : null;

    public async ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default) =>
        await S3Content.TryOpenAsync(client, keys.Blob(digest), cancellationToken).ConfigureAwait(false);

    public async ValueTask<Uri?> AddressOfAsync(Digest digest, CancellationToken cancellationToken = default) =>
        await client.SignAsync(keys.Blob(digest), cancellationToken).ConfigureAwait(false);

    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(
        Digest digest, int bytesMax, CancellationToken cancellationToken = default) =>
        await client.ReadAsync(keys.Blob(digest), bytesMax, cancellationToken).ConfigureAwait(false) is { } found
            ? (ReadOnlyMemory<byte>?)found.Content
            : null;

    public async ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        await client.WriteAsync(keys.Blob(digest), content, cancellationToken).ConfigureAwait(false);

    // A copy onto itself: the store sends nothing, and writes the object anew.
    public async ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        string key = keys.Blob(digest);
        if (await client.StatAsync(key, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return false;
        }

        return await client.TryCopyAsync(key, key, found.Length, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        string key = keys.Blob(digest);
        bool isThere = await client.StatAsync(key, cancellationToken).ConfigureAwait(false) is not null;
        if (isThere)
        {
            await client.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }

        return isThere;
    }

    public async ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        int countMax = page.Count ?? int.MaxValue;
        string? after = page.After is { } text && Digest.TryParse(text, null, out Digest digest) ? keys.Blob(digest) : null;
        var blobs = new List<ListedBlob>();
        int hint = (int)Math.Min(countMax + 1L, int.MaxValue);
        await foreach (S3Entry entry in client.ListAsync(keys.Blobs, after, hint, cancellationToken).ConfigureAwait(false))
        {
            if (keys.BlobOf(entry.Key) is not { } found)
            {
                continue;
            }

            if (blobs.Count == countMax)
            {
                return new RegistryListing<ListedBlob>(blobs, HasMore: true);
            }

            blobs.Add(new ListedBlob(found, new BlobStat(entry.Length, entry.ChangedAt)));
        }

        return new RegistryListing<ListedBlob>(blobs, HasMore: false);
    }
}
