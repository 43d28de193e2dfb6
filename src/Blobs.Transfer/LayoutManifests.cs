using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>The manifests and blobs of an OCI layout, a folder or an archive.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayoutManifests(IArchiveFiles files, ImageIndex index, Limits limits) : IManifestSource
{
    private Dictionary<Digest, List<Descriptor>>? _referrers;

    public string Origin => files.Origin;

    public string? Repository => null;

    /// <summary>Opens a layout.</summary>
    /// <exception cref="MalformedDataException">It is not a layout, or its <c>index.json</c> is damaged.</exception>
    public static async Task<LayoutManifests> OpenAsync(string path, Limits limits, CancellationToken cancellationToken)
    {
        IArchiveFiles files = await ImageArchive.OpenFilesAsync(path, limits, cancellationToken).ConfigureAwait(false);
        try
        {
            ImageIndex index = OciLayout.TryReadIndex(files, limits) ?? throw files.Refused("is not an OCI layout: it has no index.json");
            return new LayoutManifests(files, index, limits);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The entries of a name. Without a name, all that have one, and all without one if none has; entries that belong
    /// to another are left out.</summary>
    public IReadOnlyList<Descriptor> Entries(string? name)
    {
        if (name is not null)
        {
            string? full = ImageReference.TryParse(name, out ImageReference? parsed) ? $"{parsed.WithDefaultTag()}" : null;
            Descriptor[] exact = [.. index.Manifests.Where(entry => OciLayout.RefNameOf(entry) == name)];
            return exact.Length > 0 ? exact
                : [.. index.Manifests.Where(entry => full is not null && OciLayout.NameOf(entry)?.ToString() == full)];
        }

        Descriptor[] named = [.. index.Manifests.Where(IsNamed)];
        return named.Length > 0 ? named : [.. index.Manifests.Where(entry => OciLayout.RefNameOf(entry) is null && !IsReferrer(entry))];
    }

    /// <summary>The <c>ref.name</c> of every entry that has one.</summary>
    public IEnumerable<string> RefNames => index.Manifests.Select(OciLayout.RefNameOf).OfType<string>();

    public Task<Manifest?> TryGetAsync(Descriptor manifest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(OciLayout.TryReadManifest(files, manifest, limits));
    }

    public Task<Manifest?> TryGetAsync(string tag, CancellationToken cancellationToken) =>
        index.Manifests.FirstOrDefault(entry => OciLayout.RefNameOf(entry) == tag) is { } entry
            ? TryGetAsync(entry, cancellationToken)
            : Task.FromResult<Manifest?>(null);

    public async Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest subject, CancellationToken cancellationToken)
    {
        _referrers ??= ReadReferrers(cancellationToken);
        IReadOnlyList<Descriptor> own = _referrers.GetValueOrDefault(subject) ?? [];

        // Some writers keep the fallback tag in a layout, too.
        Manifest? fallback = await TryGetAsync(ReferrerTags.Fallback(subject), cancellationToken).ConfigureAwait(false);
        return fallback is ImageIndex listed ? [.. own.Concat(listed.Manifests).DistinctBy(manifest => manifest.Digest)] : own;
    }

    public Task<Stream?> TryOpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Stream? content = files.TryOpen(OciLayout.BlobName(blob.Digest), out _);
        return Task.FromResult<Stream?>(content is null ? null : new VerifyingStream(content, blob.Digest, blob.Size));
    }

    public void Dispose() => files.Dispose();

    /// <summary>The error about a manifest that is named, and not there.</summary>
    public MalformedDataException Missing(Descriptor manifest) => files.Missing(OciLayout.BlobName(manifest.Digest));

    private static bool IsNamed(Descriptor entry) =>
        OciLayout.RefNameOf(entry) is { } own ? !ReferrerTags.IsOne(own) : OciLayout.NameOf(entry) is not null;

    private bool IsReferrer(Descriptor entry) =>
        entry.IsManifest && OciLayout.TryReadManifest(files, entry, limits)?.Subject is not null;

    // Only the documents themselves name their subject.
    private Dictionary<Digest, List<Descriptor>> ReadReferrers(CancellationToken cancellationToken)
    {
        var found = new Dictionary<Digest, List<Descriptor>>();
        int count = 0;
        foreach (Descriptor entry in index.Manifests.Where(entry => entry.IsManifest))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++count > limits.CopiedManifests)
            {
                Throw.LimitExceeded(nameof(Limits.CopiedManifests), limits.CopiedManifests, $"{Origin}: {OciLayout.IndexName}");
            }

            if (OciLayout.TryReadManifest(files, entry, limits)?.Subject is { } subject)
            {
                if (!found.TryGetValue(subject.Digest, out List<Descriptor>? own))
                {
                    found.Add(subject.Digest, own = []);
                }

                own.Add(entry);
            }
        }

        return found;
    }
}
