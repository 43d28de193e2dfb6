using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Makes and changes indexes in registries and OCI layouts. Images are copied there unchanged, if they are not there
/// yet.</summary>
[SupportedOSPlatform("linux")]
public static class IndexEditor
{
    /// <summary>Makes an index of images that exist. The members of an index are added one by one, with their attestations; the
    /// platform of an image comes from its config.</summary>
    /// <param name="target">Where the index goes.</param>
    /// <param name="members">The images, artifacts and indexes.</param>
    /// <param name="annotations">Annotations of the new index; none when null.</param>
    /// <param name="options">The client, and whether to copy referrers; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every blob.</param>
    /// <param name="cancellationToken">Ends the work; blobs that were copied whole may stay.</param>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<CopyResult> CreateAsync(
        ImagePlace target,
        IReadOnlyList<ImagePlace> members,
        IReadOnlyDictionary<string, string>? annotations = null,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(members);
        using var work = EditWork.Begin(target, options, progress);
        OciIndex empty = annotations is null ? OciIndex.Empty : OciIndex.Empty with { Annotations = annotations };
        ManifestName name = ManifestTargets.NameAt(target, new ManifestName(null, []));
        IManifestTarget written = await ManifestTargets.OpenAsync(target, work.Options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            OciIndex index = await AddAsync(empty, members, written, work, cancellationToken).ConfigureAwait(false);
            return await work.FinishAsync(index.ToManifest(), name, written, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Adds images to an index, in its place. One for the same platform is replaced, with its attestations.</summary>
    /// <param name="index">The index.</param>
    /// <param name="members">The images, artifacts and indexes to add.</param>
    /// <param name="options">The client, and whether to copy referrers; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every blob.</param>
    /// <param name="cancellationToken">Ends the work; the index is unchanged.</param>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<CopyResult> AddAsync(
        ImagePlace index,
        IReadOnlyList<ImagePlace> members,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(members);
        using var work = EditWork.Begin(index, options, progress);
        (OciIndex old, ManifestName name) = await ReadAsync(index, work, cancellationToken).ConfigureAwait(false);
        IManifestTarget written = await ManifestTargets.OpenForChangeAsync(index, work.Options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            OciIndex changed = await AddAsync(old, members, written, work, cancellationToken).ConfigureAwait(false);
            return await work.FinishAsync(changed.ToManifest(), name, written, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the images for some platforms from an index, in its place, with their attestations. The images
    /// themselves stay.</summary>
    /// <param name="index">The index.</param>
    /// <param name="platforms">The platforms.</param>
    /// <param name="options">The client; the defaults when null.</param>
    /// <param name="cancellationToken">Ends the work; the index is unchanged.</param>
    /// <exception cref="NotFoundException">The index has no image for one of the platforms.</exception>
    /// <exception cref="BlobsException">The place failed.</exception>
    public static async Task<CopyResult> RemoveAsync(
        ImagePlace index,
        IReadOnlyList<Platform> platforms,
        CopyOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(platforms);
        using var work = EditWork.Begin(index, options, null);
        (OciIndex changed, ManifestName name) = await ReadAsync(index, work, cancellationToken).ConfigureAwait(false);
        foreach (Platform platform in platforms)
        {
            OciIndex rest = changed.Remove(platform);
            changed = rest.Manifests.Count < changed.Manifests.Count ? rest : throw new NotFoundException(
                $"{index}", $"{index}: there is no image for {platform}, {PlatformChoice.Describe(changed.Manifests)}");
        }

        IManifestTarget written = await ManifestTargets.OpenForChangeAsync(index, work.Options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            return await work.FinishAsync(changed.ToManifest(), name, written, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<(OciIndex Index, ManifestName Name)> ReadAsync(
        ImagePlace place, EditWork work, CancellationToken cancellationToken)
    {
        using NamedManifest named = await work.OpenAsync(place, cancellationToken).ConfigureAwait(false);
        return named.Manifest is ImageIndex index
            ? (OciIndex.From(index), named.NameInPlace(place))
            : throw new MalformedDataException(Fault.ManifestSyntax, 0, $"{place}: is not an index; make one with index create");
    }

    private static async Task<OciIndex> AddAsync(
        OciIndex index, IReadOnlyList<ImagePlace> members, IManifestTarget target, EditWork work, CancellationToken cancellationToken)
    {
        foreach (ImagePlace member in members)
        {
            using NamedManifest named = await work.OpenAsync(member, cancellationToken).ConfigureAwait(false);
            ManifestCopier copier = work.CopierOf(named.Source, target);
            bool isWhole = named.Manifest is ImageIndex list
                ? await copier.CopyMembersAsync(list, cancellationToken).ConfigureAwait(false)
                : await copier.CopyAsync(named.Manifest, named.Digest, null, cancellationToken).ConfigureAwait(false);
            if (!isWhole)
            {
                throw ContentCopy.Incomplete(named.Source, named.Manifest, copier.Missing);
            }

            work.Count(copier);
            index = (await DescribeAsync(named, work.Options.Limits, cancellationToken).ConfigureAwait(false))
                .Aggregate(index, (all, one) => all.Add(one));
        }

        return index;
    }

    private static async Task<IReadOnlyList<Descriptor>> DescribeAsync(
        NamedManifest named, Limits limits, CancellationToken cancellationToken)
    {
        switch (named.Manifest)
        {
            case ImageIndex index:
                return index.Manifests;
            case ImageManifest { IsImage: true } image:
                Platform platform = await PlatformOfAsync(named.Source, image, limits, cancellationToken).ConfigureAwait(false);
                return [named.Manifest.Describe() with { Digest = named.Digest, Platform = platform }];
            default:
                return [named.Manifest.Describe() with { Digest = named.Digest, ArtifactType = named.Manifest.ArtifactType }];
        }
    }

    private static async Task<Platform> PlatformOfAsync(
        IManifestSource source, ImageManifest image, Limits limits, CancellationToken cancellationToken)
    {
        Descriptor config = image.Config;
        if (config.Size > limits.ConfigBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ConfigBytes), limits.ConfigBytes, $"{source.Origin}: {config.Digest}");
        }

        Stream content = await source.TryOpenAsync(config, cancellationToken).ConfigureAwait(false)
            ?? throw ContentCopy.Incomplete(source, image, [config]);
        await using (content.ConfigureAwait(false))
        {
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
            return ErrorContext.Run(
                $"{source.Origin}: {config.Digest}", () => ImageConfig.Parse(bytes.ToArray(), limits)).Platform;
        }
    }
}
