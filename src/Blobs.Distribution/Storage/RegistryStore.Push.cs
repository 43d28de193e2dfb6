using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <content>The push of a manifest, safe from garbage collection.</content>
public sealed partial class RegistryStore
{
    /// <summary>
    /// One push of a manifest, step by step. Content is written before its revision link, and that before the tag, so an
    /// interrupted push leaves nothing that refers to missing content. The revision link is written before the look at
    /// what garbage collection has condemned: a collector that looks later finds it. A push that is refused takes
    /// nothing back, because another push may have found it.
    /// </summary>
    private sealed class ManifestPush(RegistryStore store, string repository, string? tag, Digest? expected, Manifest manifest)
    {
        private const int AttemptsMax = 64;

        // A push that takes longer than this part of the minimum age begins again, because what it wrote is not young.
        private const int Quarter = 4;

        private readonly CollectionGuard _guard = store._guard;
        private readonly Digest _own = manifest.Digest;

        public async ValueTask RunAsync(CancellationToken cancellationToken)
        {
            for (int attempt = 0; attempt < AttemptsMax; attempt++)
            {
                long begin = store._options.Clock.GetTimestamp();
                CollectionState before = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                Reach reach = await store.CheckReachableAsync(repository, manifest, cancellationToken).ConfigureAwait(false);
                CollectionState state = await WriteAsync(before, reach, cancellationToken).ConfigureAwait(false);
                if (tag is not null && !IsLate(begin))
                {
                    await PointTagAsync(state, reach, tag, cancellationToken).ConfigureAwait(false);
                }

                if (!IsLate(begin))
                {
                    return;
                }
            }

            throw new StorageUnavailableException($"{repository}@{_own}: the storage is too slow for the minimum age of garbage");
        }

        private bool IsLate(long begin)
        {
            TimeSpan limit = _guard.MinimumAge / Quarter;
            return limit > TimeSpan.Zero && store._options.Clock.GetElapsedTime(begin) > limit;
        }

        // Returns the state since which nothing of the manifest can have been deleted.
        private async ValueTask<CollectionState> WriteAsync(CollectionState before, Reach reach, CancellationToken cancellationToken)
        {
            while (true)
            {
                await WriteManifestAsync(cancellationToken).ConfigureAwait(false);
                await WriteRevisionAsync(cancellationToken).ConfigureAwait(false);
                CollectionState state = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                if (state.Generation == before.Generation && state.HasEnded)
                {
                    // No collector was at work since the first check.
                    return state;
                }

                while (await LookAsync(state, reach, cancellationToken).ConfigureAwait(false))
                {
                    await store.CheckReachableAsync(repository, manifest, cancellationToken).ConfigureAwait(false);
                    CollectionState again = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                    if (again.Generation == state.Generation)
                    {
                        return state;
                    }

                    state = again;
                }
            }
        }

        // False when the manifest has to be written again.
        private async ValueTask<bool> LookAsync(CollectionState state, Reach reach, CancellationToken cancellationToken)
        {
            KeepOutcome parts = await _guard.ClaimKeepAsync(state, repository, reach.Digests, cancellationToken).ConfigureAwait(false);
            if (!parts.IsKept)
            {
                throw new MissingReferencesException(parts.Lost);
            }

            KeepOutcome own = await _guard.ClaimKeepAsync(state, repository, [_own], cancellationToken).ConfigureAwait(false);
            bool isKept = own.IsKept && (tag is null
                || await _guard.ClaimKeepAsync(state, repository, tag, cancellationToken).ConfigureAwait(false));
            if (!isKept)
            {
                await _guard.WaitForRunAsync(state, cancellationToken).ConfigureAwait(false);
                return false;
            }

            if (own.Condemned.Count > 0)
            {
                // What is about a manifest goes and stays with it; what the collector has claimed already was garbage.
                IReadOnlyList<Digest> about = await store.ReferrersOfAsync(repository, _own, cancellationToken).ConfigureAwait(false);
                await _guard.ClaimKeepAsync(state, repository, about, cancellationToken).ConfigureAwait(false);
            }

            return await CheckRevisionAsync(cancellationToken).ConfigureAwait(false);
        }

        // Nothing can be refused any more: the revision link is young, and everything that it needs is there.
        private async ValueTask PointTagAsync(CollectionState state, Reach reach, string name, CancellationToken cancellationToken)
        {
            await WriteTagAsync(name, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                CollectionState again = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                if (again.Generation == state.Generation)
                {
                    return;
                }

                state = again;
                await _guard.ClaimKeepAsync(state, repository, [.. reach.Digests, _own], cancellationToken).ConfigureAwait(false);
                bool isKept = await _guard.ClaimKeepAsync(state, repository, name, cancellationToken).ConfigureAwait(false);
                if (!isKept)
                {
                    await _guard.WaitForRunAsync(state, cancellationToken).ConfigureAwait(false);
                }

                StoredReference? current = isKept ? await ReadTagAsync(name, cancellationToken).ConfigureAwait(false) : null;
                if (current is null)
                {
                    await WriteTagAsync(name, cancellationToken).ConfigureAwait(false);
                }
                else if (current.Target != _own)
                {
                    // Somebody tagged later.
                    return;
                }
            }
        }

        private ValueTask WriteManifestAsync(CancellationToken cancellationToken) =>
            store._blobs.WriteAsync(_own, manifest.Bytes, cancellationToken);

        private async ValueTask WriteRevisionAsync(CancellationToken cancellationToken)
        {
            if (manifest.Subject is { } subject)
            {
                await store._links.WriteAsync(
                    RegistryReference.ToReferrer(repository, subject.Digest, _own), _own, cancellationToken).ConfigureAwait(false);
            }

            await store._links.WriteAsync(RegistryReference.ToManifest(repository, _own), _own, cancellationToken).ConfigureAwait(false);
            if (expected is { } alias && alias != _own)
            {
                await store._links.WriteAsync(RegistryReference.ToManifest(repository, alias), _own, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        private async ValueTask<bool> CheckRevisionAsync(CancellationToken cancellationToken) =>
            await store.ResolveManifestAsync(repository, expected ?? _own, cancellationToken).ConfigureAwait(false) is not null
            && await store.CheckDataAsync(_own, cancellationToken).ConfigureAwait(false) is not null;

        private async ValueTask WriteTagAsync(string name, CancellationToken cancellationToken)
        {
            await store._links.WriteAsync(RegistryReference.OfTagHistory(repository, name, _own), _own, cancellationToken)
                .ConfigureAwait(false);
            await store._links.WriteAsync(RegistryReference.OfTag(repository, name), _own, cancellationToken).ConfigureAwait(false);
        }

        private ValueTask<StoredReference?> ReadTagAsync(string name, CancellationToken cancellationToken) =>
            store._links.ReadAsync(RegistryReference.OfTag(repository, name), cancellationToken);
    }

    /// <summary>The canonical digests of everything that a manifest reaches.</summary>
    private sealed record Reach(IReadOnlyCollection<Digest> Digests);

    // Config and layers must be blobs of this repository. An index refers to manifests of the repository, with all that
    // these reach, or to blobs: BuildKit's cache is an index of layers. A subject may be pushed later (distribution-spec,
    // "Pushing Manifests with Subject"); a foreign layer is never pushed.
    private async ValueTask<Reach> CheckReachableAsync(string repository, Manifest root, CancellationToken cancellationToken)
    {
        const int ReachMax = 100_000;
        var found = new HashSet<Digest>();
        var missing = new List<Digest>();
        var pending = new Stack<Manifest>([root]);
        while (pending.TryPop(out Manifest? manifest))
        {
            foreach (Descriptor part in manifest.References)
            {
                Digest? child = manifest is ImageIndex
                    ? await ChildAsync(repository, part.Digest, cancellationToken).ConfigureAwait(false)
                    : null;
                Digest? canonical = child ?? await ResolveBlobAsync(repository, part.Digest, cancellationToken).ConfigureAwait(false);
                if (canonical is not { } digest)
                {
                    if (manifest is ImageIndex || !IsElsewhere(part))
                    {
                        missing.Add(part.Digest);
                    }
                }
                else if (found.Add(digest) && child is not null
                    && await ParsedAsync(digest, cancellationToken).ConfigureAwait(false) is { } parsed)
                {
                    pending.Push(parsed);
                }
            }

            if (found.Count > ReachMax)
            {
                Throw.LimitExceeded(nameof(ReachMax), ReachMax, "the number of blobs and manifests that a manifest needs");
            }
        }

        return missing.Count == 0 ? new Reach(found) : throw new MissingReferencesException(missing);
    }

    private async ValueTask<Digest?> ChildAsync(string repository, Digest digest, CancellationToken cancellationToken) =>
        await ResolveManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false) is { } canonical
        && await CheckDataAsync(canonical, cancellationToken).ConfigureAwait(false) is not null
            ? canonical
            : null;

    // Null for a document that does not parse, which another registry has accepted.
    private async ValueTask<Manifest?> ParsedAsync(Digest canonical, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadManifestAsync(canonical, cancellationToken).ConfigureAwait(false) is { } stored
                ? Manifest.Parse(stored.Bytes, null, _options.Limits)
                : null;
        }
        catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
        {
            return null;
        }
    }
}
