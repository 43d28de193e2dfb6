using System.Collections.Concurrent;
using System.Security.Cryptography;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Collection;

/// <summary>
/// Reads manifests for their references. A digest always names the same content, so what was read stays in memory, up to
/// a limit, and later marks only ask whether it is still there.
/// </summary>
internal sealed class RevisionReader(StoreRequests requests, Limits limits)
{
    private const int BufferBytes = 128 << 10;
    private const int CachedKeysMax = 1_000_000;

    private readonly ConcurrentDictionary<CandidateKey, RevisionContent> _known = new();
    private int _cachedKeys;

    /// <summary>Reads a manifest; <see cref="RevisionContent.Missing"/> when its content does not exist.</summary>
    /// <param name="repository">The repository, for error messages.</param>
    /// <param name="key">Its digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StoreException">The content is damaged, so nothing can be deleted.</exception>
    public async ValueTask<RevisionContent> ReadAsync(string repository, CandidateKey key, CancellationToken cancellationToken)
    {
        Digest digest = key.ToDigest();
        if (_known.TryGetValue(key, out RevisionContent? known))
        {
            return await requests.StatAsync(digest, cancellationToken).ConfigureAwait(false) is null ? RevisionContent.Missing : known;
        }

        IStoredContent? content = await requests.OpenAsync(digest, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            return RevisionContent.Missing;
        }

        await using (content.ConfigureAwait(false))
        {
            RevisionContent read = content.Length <= limits.ManifestBytes
                ? await ParseAsync(repository, digest, content, cancellationToken).ConfigureAwait(false)
                : await ScanAsync(repository, digest, content, cancellationToken).ConfigureAwait(false);
            int keys = 1 + read.References.Length + read.Subjects.Length;
            if (Interlocked.Add(ref _cachedKeys, keys) <= CachedKeysMax)
            {
                _known[key] = read;
            }

            return read;
        }
    }

    private async ValueTask<RevisionContent> ParseAsync(
        string repository, Digest digest, IStoredContent content, CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Length];
        for (int position = 0; position < bytes.Length;)
        {
            int read = await content.ReadAsync(bytes.AsMemory(position), position, cancellationToken).ConfigureAwait(false);
            position += read > 0 ? read : throw Damaged(repository, digest);
        }

        if (Digest.OfSha256(bytes) != digest)
        {
            throw Damaged(repository, digest);
        }

        try
        {
            Manifest manifest = Manifest.Parse(bytes, null, limits);
            return new RevisionContent(
                [.. manifest.References.Select(reference => DigestSet.KeyOf(reference.Digest))],
                manifest.Subject is { } subject ? [DigestSet.KeyOf(subject.Digest)] : []);
        }
        catch (BlobsException)
        {
            return Unread(NamedDigests.In(bytes));
        }
    }

    private static async ValueTask<RevisionContent> ScanAsync(
        string repository, Digest digest, IStoredContent content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var named = new NamedDigests();
        var buffer = new byte[BufferBytes];
        for (long position = 0; position < content.Length;)
        {
            int read = await content.ReadAsync(buffer, position, cancellationToken).ConfigureAwait(false);
            position += read > 0 ? read : throw Damaged(repository, digest);
            hash.AppendData(buffer, 0, read);
            named.Read(buffer.AsSpan(0, read));
        }

        return Digest.FromHash(DigestAlgorithm.Sha256, hash.GetCurrentHash()) == digest
            ? Unread(named.Found)
            : throw Damaged(repository, digest);
    }

    // A document that cannot be parsed may refer to every digest in it, and may have any of them as its subject.
    private static RevisionContent Unread(IReadOnlyCollection<Digest> named)
    {
        ulong[] keys = [.. named.Select(DigestSet.KeyOf)];
        return new RevisionContent(keys, keys) { IsUnread = true };
    }

    private static StoreException Damaged(string repository, Digest digest) => new(
        $"{digest}",
        $"{repository}@{digest}: the stored manifest is not the one its digest names; delete it, then collect again");
}
