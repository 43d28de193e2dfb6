using System.Collections.Concurrent;
using System.Security.Cryptography;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.Distribution.Verification;

/// <summary>Verifies what a registry keeps in any <see cref="IRegistryStorage"/>, such as a bucket, as
/// <see cref="StoreVerifier"/> does in a directory. It reads every blob once.</summary>
public sealed class StorageVerifier
{
    private const int BufferBytes = 256 << 10;

    // A storage is usually a server: to wait for one answer after the other takes too long.
    private const int ReadsAtOnce = 16;

    private readonly IRegistryStorage _storage;
    private readonly string _name;
    private readonly VerifyRun _run;
    private readonly int? _jobs;
    private readonly Dictionary<Digest, long> _blobs = [];
    private readonly List<(string Name, Digest Digest)> _unknown = [];
    private readonly CancellationToken _cancellationToken;

    private StorageVerifier(IRegistryStorage storage, string name, VerifyOptions options, CancellationToken cancellationToken)
    {
        _storage = storage;
        _name = name;
        _jobs = options.Jobs;
        _run = new VerifyRun(name, options, cancellationToken);
        _cancellationToken = cancellationToken;
    }

    /// <summary>Verifies a storage. Nothing may be pushed at the same time.</summary>
    /// <param name="storage">The storage. It is prepared for reading.</param>
    /// <param name="name">What it is called, which the state file remembers.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Cancels the run. The state file keeps what was verified so far.</param>
    /// <exception cref="BlobsException">The storage cannot be listed.</exception>
    public static async Task<VerifyReport> RunAsync(
        IRegistryStorage storage, string name, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentException.ThrowIfNullOrEmpty(name);
        await storage.PrepareAsync(mayWrite: false, cancellationToken).ConfigureAwait(false);
        return await new StorageVerifier(storage, name, options ?? new VerifyOptions(), cancellationToken).RunAsync().ConfigureAwait(false);
    }

    private async Task<VerifyReport> RunAsync()
    {
        await ListBlobsAsync().ConfigureAwait(false);
        foreach (string repository in await RepositoriesAsync().ConfigureAwait(false))
        {
            await VerifyRepositoryAsync(repository).ConfigureAwait(false);
        }

        foreach (ListedUpload upload in (await _storage.Uploads.ListAsync(default, _cancellationToken).ConfigureAwait(false)).Items)
        {
            _run.LeaveUnread(PathOf(RegistryPaths.Upload(upload.Repository, upload.Id)), "is of an upload on its way");
        }

        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = _jobs ?? Environment.ProcessorCount,
            CancellationToken = _cancellationToken,
        };
        await Parallel.ForEachAsync(
            _unknown,
            parallel,
            async (blob, _) => await VerifyBlobAsync(blob.Name, blob.Digest).ConfigureAwait(false)).ConfigureAwait(false);
        return _run.End();
    }

    private async Task ListBlobsAsync()
    {
        foreach (ListedBlob blob in (await _storage.Blobs.ListAsync(default, _cancellationToken).ConfigureAwait(false)).Items)
        {
            BlobStat? stat = blob.Stat ?? await _storage.Blobs.StatAsync(blob.Digest, _cancellationToken).ConfigureAwait(false);
            if (stat is not { } found)
            {
                continue;
            }

            _blobs[blob.Digest] = found.Length;
            string name = $"blob {blob.Digest} {found.Length} {found.ChangedAt.Ticks}";
            if (!_run.Knows(name))
            {
                _unknown.Add((name, blob.Digest));
            }
        }
    }

    private async Task<SortedSet<string>> RepositoriesAsync()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ReferenceKind kind in (ReferenceKind[])[ReferenceKind.Blob, ReferenceKind.Manifest])
        {
            names.UnionWith((await _storage.References
                .ListRepositoriesAsync(kind, default, _cancellationToken).ConfigureAwait(false)).Items);
        }

        return names;
    }

    private async Task VerifyRepositoryAsync(string repository)
    {
        var links = new ConcurrentDictionary<RegistryReference, Digest?>();
        foreach (ReferenceKind kind in Enum.GetValues<ReferenceKind>())
        {
            IReadOnlyList<ListedReference> listed = (await _storage.References
                .ListAsync(repository, kind, default, _cancellationToken).ConfigureAwait(false)).Items;
            await SideBySideAsync(listed.Select(item => item.Reference), async reference =>
            {
                // It was listed, so it is there, even if it cannot be read.
                links[reference] = null;
                StoredReference? found = await _storage.References.ReadAsync(reference, _cancellationToken).ConfigureAwait(false);
                if (found is null)
                {
                    links.TryRemove(reference, out _);
                    return;
                }

                links[reference] = found.Target;
                await VerifyLinkAsync(reference, found.Target).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }

        var checks = new RegistryChecks(_run, links.ContainsKey, LengthOf, PathOf);
        foreach ((RegistryReference link, Digest? target) in links)
        {
            if (link.Kind == ReferenceKind.Tag && target is { } digest)
            {
                checks.CheckTag(repository, link.Tag, PathOf(link), digest);
            }
        }

        IEnumerable<RegistryReference> manifests = links.Keys
            .Where(link => link.Kind == ReferenceKind.Manifest && link.Digest.Algorithm == DigestAlgorithm.Sha256);
        await SideBySideAsync(manifests, manifest => VerifyManifestAsync(checks, manifest)).ConfigureAwait(false);
    }

    // A digest of another algorithm is an alias under which no content is stored.
    private async Task VerifyLinkAsync(RegistryReference reference, Digest? target)
    {
        string path = PathOf(reference);
        _run.CountFiles(1);
        if (target is not { } digest)
        {
            _run.Find(path, "is not a digest");
            return;
        }

        bool isAlias = reference.Kind != ReferenceKind.Tag && reference.Digest.Algorithm != DigestAlgorithm.Sha256;
        if (reference.Kind != ReferenceKind.Tag && !isAlias && digest != reference.Digest)
        {
            _run.Find(path, $"is {digest}, expected {reference.Digest}");
        }
        else if (!_blobs.ContainsKey(digest))
        {
            _run.Find(path, $"names {digest}, and there is no such blob");
        }
        else if (isAlias
            && await HashAsync(digest, reference.Digest.Algorithm).ConfigureAwait(false) is { } found
            && found != reference.Digest)
        {
            _run.Find(path, $"is {digest}, which hashes to {found}");
        }
    }

    private async Task VerifyManifestAsync(RegistryChecks checks, RegistryReference link)
    {
        ReadOnlyMemory<byte>? content = await _storage.Blobs
            .ReadAsync(link.Digest, _run.Limits.ManifestBytes, _cancellationToken).ConfigureAwait(false);
        if (content is { } bytes)
        {
            checks.CheckManifest(link.Repository, PathOf(link.Digest), bytes);
        }
    }

    private async Task VerifyBlobAsync(string name, Digest digest)
    {
        try
        {
            Digest? found = await HashAsync(digest, digest.Algorithm).ConfigureAwait(false);
            if (found == digest)
            {
                _run.Remember(name);
            }
            else if (found is { } other)
            {
                _run.Find(PathOf(digest), $"hashes to {other}");
            }
        }
        catch (BlobsException fault)
        {
            _run.Fail(PathOf(digest), fault.Message);
        }
    }

    private async Task<Digest?> HashAsync(Digest digest, DigestAlgorithm algorithm)
    {
        IStoredContent? content = await _storage.Blobs.OpenAsync(digest, _cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            return null;
        }

        await using (content.ConfigureAwait(false))
        {
            using var hash = IncrementalHash.CreateHash(
                algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);
            byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
            long offset = 0;
            for (int read; (read = await content.ReadAsync(buffer, offset, _cancellationToken).ConfigureAwait(false)) > 0; offset += read)
            {
                hash.AppendData(buffer, 0, read);
                _run.CountBytes(read);
            }

            _run.CountFiles(1);
            return Digest.FromHash(algorithm, hash.GetHashAndReset());
        }
    }

    private Task SideBySideAsync(IEnumerable<RegistryReference> references, Func<RegistryReference, Task> work) => Parallel.ForEachAsync(
        references,
        new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = _cancellationToken },
        async (reference, _) =>
        {
            try
            {
                await work(reference).ConfigureAwait(false);
            }
            catch (BlobsException fault)
            {
                _run.Fail(PathOf(reference), fault.Message);
            }
        });

    private long? LengthOf(Digest digest) => _blobs.TryGetValue(digest, out long length) ? length : null;

    private string PathOf(RegistryReference reference) => PathOf(RegistryPaths.Of(reference));

    private string PathOf(Digest digest) => PathOf(RegistryPaths.Blob(digest));

    private string PathOf(string path) => $"{_name}/{RegistryPaths.Version}/{path}";
}
