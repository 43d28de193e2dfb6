using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Copies a manifest and everything that belongs to it, unchanged to the byte. What a manifest names is copied before the
/// manifest, so the target is complete at any time, and a copy that was cut goes on where it stopped.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="target">The target; the caller commits it.</param>
/// <param name="limits">Limits on what the source may demand.</param>
/// <param name="withReferrers">Whether to copy what refers to a copied manifest: its referrers, and cosign's tags.</param>
/// <param name="progress">Receives the progress of every blob.</param>
internal sealed class ManifestCopier(
    IManifestSource source, IManifestTarget target, Limits limits, bool withReferrers, IProgress<TransferProgress>? progress)
{
    private readonly HashSet<Digest> _seen = [];
    private readonly BlobCopier _blobs = new(source, target, limits, progress);
    private readonly List<Descriptor> _missing = [];
    private int _newManifests;

    /// <summary>Manifests that are named at the source, but are not there. An index that lacks some is not put.</summary>
    public IReadOnlyList<Descriptor> Missing => _missing;

    /// <summary>Copies a manifest under a name, after all that it names and all that refers to it.</summary>
    /// <param name="root">The manifest, of the source or a new one that names content of the source.</param>
    /// <param name="digest">Its digest, as the source names it.</param>
    /// <param name="name">Its name at the target; null when others refer to it.</param>
    /// <param name="cancellationToken">Ends the work; what was copied whole stays.</param>
    /// <returns>Whether the source has all that it names; otherwise it was not put.</returns>
    public async Task<bool> CopyAsync(Manifest root, Digest digest, ManifestName? name, CancellationToken cancellationToken)
    {
        Count(digest);
        bool isWhole = await CopyReferencesAsync(root, 0, cancellationToken).ConfigureAwait(false);
        await CopyReferrersAsync(digest, 0, cancellationToken).ConfigureAwait(false);
        bool isThere = name is null
            ? await target.HasAsync(root.Describe() with { Digest = digest }, cancellationToken).ConfigureAwait(false)
            : await target.HasAsync(digest, name, cancellationToken).ConfigureAwait(false);
        if (isWhole && !isThere)
        {
            await PutAsync(root, digest, name, cancellationToken).ConfigureAwait(false);
        }

        return isWhole;
    }

    /// <summary>Copies a manifest that the target does not list, after all that it names.</summary>
    public async Task CopyAnewAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        Count(manifest.Digest);
        await CopyReferencesAsync(manifest, 0, cancellationToken).ConfigureAwait(false);
        await PutAsync(manifest, manifest.Digest, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies what an index names, but not the index.</summary>
    /// <returns>Whether the source has all of it.</returns>
    public Task<bool> CopyMembersAsync(ImageIndex index, CancellationToken cancellationToken) =>
        CopyReferencesAsync(index, 0, cancellationToken);

    /// <summary>What was copied so far, for a copy whose manifest has this digest.</summary>
    public CopyResult Summarize(Digest digest) => new()
    {
        Digest = digest,
        Manifests = _seen.Count,
        NewManifests = _newManifests,
        NewBlobs = _blobs.NewCount,
        SentBytes = _blobs.SentBytes,
    };

    // False when the source lacks some of what the manifest names.
    private async Task<bool> CopyReferencesAsync(Manifest manifest, int depth, CancellationToken cancellationToken)
    {
        if (manifest is ImageManifest image)
        {
            IReadOnlyList<Descriptor> lacking = await _blobs.CopyAsync(image.References, cancellationToken).ConfigureAwait(false);
            _missing.AddRange(lacking);
            return lacking.Count == 0;
        }

        bool isWhole = true;
        foreach (Descriptor member in manifest.References)
        {
            isWhole &= member.IsManifest
                ? await CopyMemberAsync(member, depth + 1, cancellationToken).ConfigureAwait(false)
                : await CopyBlobAsync(member, cancellationToken).ConfigureAwait(false);
        }

        return isWhole;
    }

    private async Task<bool> CopyMemberAsync(Descriptor member, int depth, CancellationToken cancellationToken)
    {
        if (!Count(member.Digest))
        {
            return !_missing.Exists(missing => missing.Digest == member.Digest);
        }

        CheckDepth(depth);

        // The members of an index are looked at one by one, as registries may accept an index that lacks some.
        bool isThere = MediaTypes.IsImageManifest(member.MediaType)
            && await target.HasAsync(member, cancellationToken).ConfigureAwait(false);
        bool isWhole = isThere || await CopyManifestAsync(member, depth, cancellationToken).ConfigureAwait(false);
        await CopyReferrersAsync(member.Digest, depth, cancellationToken).ConfigureAwait(false);
        return isWhole;
    }

    private async Task<bool> CopyManifestAsync(Descriptor member, int depth, CancellationToken cancellationToken)
    {
        Manifest? manifest = await source.TryGetAsync(member, cancellationToken).ConfigureAwait(false);
        if (manifest is null)
        {
            _missing.Add(member);
            return false;
        }

        bool isWhole = await CopyReferencesAsync(manifest, depth, cancellationToken).ConfigureAwait(false);
        if (isWhole && !await target.HasAsync(member, cancellationToken).ConfigureAwait(false))
        {
            await PutAsync(manifest, member.Digest, null, cancellationToken).ConfigureAwait(false);
        }

        return isWhole;
    }

    private async Task<bool> CopyBlobAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        IReadOnlyList<Descriptor> lacking = await _blobs.CopyAsync([blob], cancellationToken).ConfigureAwait(false);
        _missing.AddRange(lacking);
        return lacking.Count == 0;
    }

    private async Task CopyReferrersAsync(Digest subject, int depth, CancellationToken cancellationToken)
    {
        if (!withReferrers)
        {
            return;
        }

        IReadOnlyList<Descriptor> referrers = await source.ReferrersAsync(subject, cancellationToken).ConfigureAwait(false);
        if (referrers.Count > 0)
        {
            IReadOnlySet<Digest> known = await target.ReferrersAsync(subject, cancellationToken).ConfigureAwait(false);
            foreach (Descriptor referrer in referrers)
            {
                await CopyReferrerAsync(referrer, subject, known.Contains(referrer.Digest), depth + 1, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        foreach (string tag in ReferrerTags.OfCosign(subject))
        {
            if (await source.TryGetAsync(tag, cancellationToken).ConfigureAwait(false) is { } tagged)
            {
                CheckDepth(depth + 1);
                await CopyAsync(tagged, tagged.Digest, new ManifestName(tag), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // A referrer that the target has, but does not list, is put again: the list was cut off.
    private async Task CopyReferrerAsync(
        Descriptor referrer, Digest subject, bool isListed, int depth, CancellationToken cancellationToken)
    {
        if (!Count(referrer.Digest))
        {
            return;
        }

        CheckDepth(depth);
        if (!isListed || !await target.HasAsync(referrer, cancellationToken).ConfigureAwait(false))
        {
            Manifest? manifest = await source.TryGetAsync(referrer, cancellationToken).ConfigureAwait(false);
            if (manifest is null)
            {
                _missing.Add(referrer);
                return;
            }

            // A list may name what does not belong to it.
            if (manifest.Subject?.Digest != subject)
            {
                return;
            }

            if (await CopyReferencesAsync(manifest, depth, cancellationToken).ConfigureAwait(false))
            {
                await PutAsync(manifest, referrer.Digest, null, cancellationToken).ConfigureAwait(false);
            }
        }

        await CopyReferrersAsync(referrer.Digest, depth, cancellationToken).ConfigureAwait(false);
    }

    private async Task PutAsync(Manifest manifest, Digest digest, ManifestName? name, CancellationToken cancellationToken)
    {
        _newManifests += await target.PutAsync(manifest, digest, name, cancellationToken).ConfigureAwait(false) ? 1 : 0;
    }

    // False when it was met before.
    private bool Count(Digest manifest)
    {
        if (!_seen.Add(manifest))
        {
            return false;
        }

        if (_seen.Count > limits.CopiedManifests)
        {
            Throw.LimitExceeded(nameof(Limits.CopiedManifests), limits.CopiedManifests, $"{source.Origin}: the manifests to copy");
        }

        return true;
    }

    private void CheckDepth(int depth)
    {
        if (depth > limits.ManifestDepth)
        {
            Throw.LimitExceeded(
                nameof(Limits.ManifestDepth), limits.ManifestDepth, $"{source.Origin}: indexes and referrers, one inside the other,");
        }
    }
}
