using System.Runtime.CompilerServices;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>The requests of a garbage collection to its storage, no more of them in a second than allowed.</summary>
internal sealed class StoreRequests(IRegistryStorage storage, int? perSecond, TimeProvider clock)
{
    // Longer pages of a store, 120 bytes an item, would be large objects, which are rarely collected.
    private const int PageCount = 512;

    private readonly GarbageBound _garbage = new();
    private readonly Lock _lock = new();
    private long _next;

    /// <summary>Waits until the next request may be sent.</summary>
    public async ValueTask PaceAsync(CancellationToken cancellationToken)
    {
        _garbage.Check();
        if (perSecond is not { } rate)
        {
            return;
        }

        TimeSpan wait;
        lock (_lock)
        {
            long now = clock.GetTimestamp();
            _next = Math.Max(now, _next + (clock.TimestampFrequency / rate));
            wait = clock.GetElapsedTime(now, _next);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    public IAsyncEnumerable<string> RepositoriesAsync(ReferenceKind kind, CancellationToken cancellationToken) => PagesAsync(
        (page, token) => storage.References.ListRepositoriesAsync(kind, page, token), static name => name, null, cancellationToken);

    /// <summary>Lists the references of one kind in a repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="after">The name after which the list starts; null for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public IAsyncEnumerable<ListedReference> ReferencesAsync(
        string repository, ReferenceKind kind, string? after, CancellationToken cancellationToken) => PagesAsync(
        (page, token) => storage.References.ListAsync(repository, kind, page, token),
        static item => item.Reference.Name,
        after,
        cancellationToken);

    public IAsyncEnumerable<ListedBlob> BlobsAsync(string? after, CancellationToken cancellationToken) =>
        PagesAsync(storage.Blobs.ListAsync, static blob => $"{blob.Digest}", after, cancellationToken);

    public IAsyncEnumerable<ListedUpload> UploadsAsync(CancellationToken cancellationToken) =>
        PagesAsync(storage.Uploads.ListAsync, static upload => upload.Name, null, cancellationToken);

    public async ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken)
    {
        await PaceAsync(cancellationToken).ConfigureAwait(false);
        return await storage.References.ReadAsync(reference, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<DateTimeOffset?> AgeAsync(ListedReference listed, CancellationToken cancellationToken)
    {
        if (listed.ChangedAt is { } known)
        {
            return known;
        }

        await PaceAsync(cancellationToken).ConfigureAwait(false);
        return await storage.References.AgeAsync(listed.Reference, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken)
    {
        await PaceAsync(cancellationToken).ConfigureAwait(false);
        return await storage.Blobs.StatAsync(digest, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken)
    {
        await PaceAsync(cancellationToken).ConfigureAwait(false);
        return await storage.Blobs.OpenAsync(digest, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken)
    {
        await PaceAsync(cancellationToken).ConfigureAwait(false);
        await storage.References.WriteAsync(reference, target, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<T> PagesAsync<T>(
        Func<RegistryPage, CancellationToken, ValueTask<RegistryListing<T>>> list,
        Func<T, string> nameOf,
        string? after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool hasMore = true;
        while (hasMore)
        {
            await PaceAsync(cancellationToken).ConfigureAwait(false);
            RegistryListing<T> listing = await list(new RegistryPage(PageCount, after), cancellationToken).ConfigureAwait(false);
            foreach (T item in listing.Items)
            {
                yield return item;
            }

            hasMore = listing.HasMore;
            after = listing.Items.Count > 0 ? nameOf(listing.Items[^1]) : after;
        }
    }
}
