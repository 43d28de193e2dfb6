using System.Globalization;
using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>Uploads in progress. Those of docker-registry in the same bucket are listed and deleted, and left alone
/// otherwise.</summary>
internal sealed class S3Uploads(S3Client client, S3Keys keys, S3StorageOptions options) : IRegistryUploads
{
    private const int StartedAtBytesMax = 64;

    // Parts may be completed for a day, and the store takes a request for minutes after it was signed. To abort them while
    // they are completed loses the blob.
    private static readonly TimeSpan LostAge = 2 * S3Client.CompletionTime;

    private readonly PartPool _pool = new(options.UploadMemory);
    private readonly BlobWriter _blobs = new(client, keys);
    private readonly S3Repositories _repositories = new(client, keys);

    public async ValueTask<IStoredUpload> BeginAsync(
        string repository, string id, UploadStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var session = new UploadSession
        {
            StartedAt = DateTimeOffset.FromUnixTimeSeconds(start.StartedAt.ToUnixTimeSeconds()),
            PartBytes = UploadParts.BytesFor(start.Length, options.UploadMemory),
        };
        if (start.Digest is { } digest)
        {
            return new WholeUpload(client, _pool, _blobs, keys.Blob(digest), session);
        }

        return new SharedUpload(client, _pool, _blobs, await SessionObject
            .CreateAsync(client, keys, repository, id, session, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default) =>
        await ReadAsync(repository, id, cancellationToken).ConfigureAwait(false) is { } session
            ? new SharedUpload(client, _pool, _blobs, session)
            : null;

    public async ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default) =>
        await ReadAsync(repository, id, cancellationToken).ConfigureAwait(false) is { } session
            ? new UploadProgress(session.State.Offset, session.State.StartedAt)
            : null;

    public async ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        SessionObject? session = await SessionObject.TryReadAsync(client, keys, repository, id, cancellationToken).ConfigureAwait(false);
        if (session is not null)
        {
            await session.DeleteAsync(cancellationToken).ConfigureAwait(false);
        }

        // What hosts left that died, and what docker-registry keeps.
        bool isThere = session is not null;
        string folder = keys.Upload(repository, id);
        if (session?.State.State != UploadPhase.Completing)
        {
            foreach (OpenParts open in await client.ListPartsAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                await client.AbortPartsAsync(open.Key, open.UploadId, cancellationToken).ConfigureAwait(false);
                isThere = true;
            }
        }

        await foreach (S3Entry entry in client.ListAsync(folder, null, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            await client.DeleteAsync(entry.Key, cancellationToken).ConfigureAwait(false);
            isThere = true;
        }

        return isThere;
    }

    public async ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        var uploads = new List<ListedUpload>();
        await foreach (string repository in _repositories
            .AllAsync(RegistryPaths.UploadsFolder, null, cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<string> ids = await client
                .ListFoldersAsync(keys.Uploads(repository), null, cancellationToken).ConfigureAwait(false);
            uploads.AddRange(ids.Select(id => new ListedUpload(repository, id, null)));
        }

        uploads.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        RegistryListing<ListedUpload> listing = page.Of(uploads, static upload => upload.Name);
        var dated = new List<ListedUpload>();
        foreach (ListedUpload upload in listing.Items)
        {
            dated.Add(await WithStartAsync(upload, cancellationToken).ConfigureAwait(false));
        }

        return new RegistryListing<ListedUpload>(dated, listing.HasMore);
    }

    public async ValueTask<IReadOnlyList<Digest>> DeleteLostAsync(
        DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken = default)
    {
        // The list first: its answer states the store's time.
        IReadOnlyList<OpenParts> all = await client.ListPartsAsync(keys.Blobs, cancellationToken).ConfigureAwait(false);
        DateTimeOffset last = client.ServerTime - LostAge;
        last = before < last ? before : last;
        var lost = new List<Digest>();
        foreach (OpenParts open in all)
        {
            if (open.BeganAt < last && keys.BlobOf(open.Key) is { } digest)
            {
                if (!isDryRun)
                {
                    await client.AbortPartsAsync(open.Key, open.UploadId, cancellationToken).ConfigureAwait(false);
                }

                lost.Add(digest);
            }
        }

        return lost;
    }

    // One that is being deleted is gone.
    private async Task<SessionObject?> ReadAsync(string repository, string id, CancellationToken cancellationToken)
    {
        SessionObject? session = await SessionObject.TryReadAsync(client, keys, repository, id, cancellationToken).ConfigureAwait(false);
        return session?.State.State == UploadPhase.Aborting ? null : session;
    }

    // Only we have sessions.
    private async Task<ListedUpload> WithStartAsync(ListedUpload upload, CancellationToken cancellationToken)
    {
        SessionObject? session = await SessionObject
            .TryReadAsync(client, keys, upload.Repository, upload.Id, cancellationToken).ConfigureAwait(false);
        if (session is not null)
        {
            return upload with { StartedAt = session.State.StartedAt };
        }

        string key = keys.UploadStartedAt(upload.Repository, upload.Id);
        S3Object? text = await client.ReadShortAsync(key, StartedAtBytesMax, cancellationToken).ConfigureAwait(false);
        bool isTime = DateTimeOffset.TryParse(
            Encoding.ASCII.GetString(text?.Content ?? []),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time);
        return upload with { StartedAt = isTime ? time : null, IsForeign = true };
    }
}
