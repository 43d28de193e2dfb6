using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Changes manifests in registries and OCI layouts, and attaches artifacts to them.</summary>
[SupportedOSPlatform("linux")]
public static class ManifestEditor
{
    /// <summary>Changes the annotations of an image, an index or an artifact, which gives it another digest.</summary>
    /// <param name="source">What is annotated.</param>
    /// <param name="target">Where the result goes; the source when null.</param>
    /// <param name="changes">The annotations to set; those to remove have the value null.</param>
    /// <param name="options">The client, and a platform to choose one image of an index; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every blob.</param>
    /// <param name="cancellationToken">Ends the work; blobs that were copied whole may stay.</param>
    /// <exception cref="MalformedDataException">It is in Docker's format, which has no annotations.</exception>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<CopyResult> AnnotateAsync(
        ImagePlace source,
        ImagePlace? target,
        IReadOnlyDictionary<string, string?> changes,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(changes);
        bool isInPlace = target is null || target == source;
        using var work = EditWork.Begin(target ?? source, options, progress);
        using NamedManifest named = await work.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        (Manifest manifest, _) = await ChooseAsync(named, source, work.Options.Platform, cancellationToken).ConfigureAwait(false);
        Manifest changed = Annotate(source, manifest, changes);
        IManifestTarget written = isInPlace
            ? await ManifestTargets.OpenForChangeAsync(source, work.Options, cancellationToken).ConfigureAwait(false)
            : await ManifestTargets.OpenAsync(target!, work.Options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            ManifestName name = isInPlace ? named.NameInPlace(source) : ManifestTargets.NameAt(target!, named.Name);
            ManifestCopier copier = work.CopierOf(named.Source, written);
            if (!await copier.CopyAsync(changed, changed.Digest, name, cancellationToken).ConfigureAwait(false))
            {
                throw ContentCopy.Incomplete(named.Source, manifest, copier.Missing);
            }

            await written.CommitAsync(cancellationToken).ConfigureAwait(false);
            return copier.Summarize(changed.Digest);
        }
    }

    /// <summary>Puts an artifact beside an image or an index, and makes it refer to that.</summary>
    /// <param name="artifact">The artifact; its subject is replaced.</param>
    /// <param name="subject">What it refers to.</param>
    /// <param name="options">The client, and a platform to choose one image of an index; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every file.</param>
    /// <param name="cancellationToken">Ends the work; files that were sent whole may stay.</param>
    /// <exception cref="BlobsException">The place failed.</exception>
    public static async Task<CopyResult> AttachAsync(
        OciArtifact artifact,
        ImagePlace subject,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        ArgumentNullException.ThrowIfNull(subject);
        using var work = EditWork.Begin(subject, options, progress);
        Descriptor described;
        using (NamedManifest named = await work.OpenAsync(subject, cancellationToken).ConfigureAwait(false))
        {
            (_, described) = await ChooseAsync(named, subject, work.Options.Platform, cancellationToken).ConfigureAwait(false);
        }

        ImageManifest manifest = (artifact with { Subject = described }).ToManifest();
        IManifestTarget written =
            await ManifestTargets.OpenForChangeAsync(subject, work.Options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            using var source = new ArtifactFiles(artifact);
            ManifestCopier copier = work.CopierOf(source, written);
            IReadOnlySet<Hashing.Digest> known =
                await written.ReferrersAsync(described.Digest, cancellationToken).ConfigureAwait(false);
            if (!known.Contains(manifest.Digest))
            {
                await copier.CopyAnewAsync(manifest, cancellationToken).ConfigureAwait(false);
            }

            await written.CommitAsync(cancellationToken).ConfigureAwait(false);
            return copier.Summarize(manifest.Digest) with { Manifests = 1 };
        }
    }

    private static Manifest Annotate(ImagePlace place, Manifest manifest, IReadOnlyDictionary<string, string?> changes)
    {
        if (MediaTypes.FormatOf(manifest.MediaType) == ManifestFormat.Docker)
        {
            throw new MalformedDataException(
                Fault.ManifestSyntax, 0, $"{place}: is in Docker's format, which has no annotations; copy it with --format oci first");
        }

        var annotations = new Dictionary<string, string>(manifest.Annotations);
        foreach ((string key, string? value) in changes)
        {
            if (value is null)
            {
                annotations.Remove(key);
            }
            else
            {
                annotations[key] = value;
            }
        }

        return ManifestEdit.Annotate(manifest, annotations);
    }

    // The manifest that a place names, or the one for a platform in its index.
    private static async Task<(Manifest Manifest, Descriptor Described)> ChooseAsync(
        NamedManifest named, ImagePlace place, Platform? platform, CancellationToken cancellationToken)
    {
        if (platform is null || named.Manifest is not ImageIndex index)
        {
            return (named.Manifest, named.Manifest.Describe() with { Digest = named.Digest });
        }

        Descriptor chosen = PlatformChoice.Best(index.Manifests, platform) is [{ Platform: not null } best, ..]
            ? best
            : throw new NotFoundException(
                $"{place}", $"{place}: there is no image for {platform}, {PlatformChoice.Describe(index.Manifests)}");
        Manifest manifest = await named.Source.TryGetAsync(chosen, cancellationToken).ConfigureAwait(false)
            ?? throw ContentCopy.Incomplete(named.Source, index, [chosen]);
        return (manifest, manifest.Describe() with { Digest = chosen.Digest });
    }
}
