using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// An image in a Docker data root as it was pulled from a registry, with its manifest and all its blobs kept. When
/// pushed in this form, it keeps its digest, so signatures remain valid.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class KeptImageSource : IImageSource
{
    private readonly BlobDirectory _blobs;

    private KeptImageSource(BlobDirectory blobs, ImageConfig config, ImageManifest manifest, ImageReference name)
    {
        _blobs = blobs;
        Config = config;
        Manifest = manifest;
        Repository = name.Name;
    }

    /// <inheritdoc/>
    public ImageConfig Config { get; }

    /// <inheritdoc/>
    public ImageManifest Manifest { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageLayer> Layers => field ??= ImageLayers.Of(
        Config, Manifest, (_, diffId, blob) => new KeptBlobLayer(_blobs, diffId, blob!));

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names => [];

    /// <inheritdoc/>
    public string? Repository { get; }

    /// <inheritdoc/>
    public Digest? Parent => null;

    /// <summary>Opens the image as it was kept; null if a part of it was not kept.</summary>
    public static KeptImageSource? TryOpen(DockerRoot root, BlobDirectory blobs, Image image)
    {
        foreach (ImageReference name in root.Names.Read().Of(image.Id))
        {
            if (name.Digest is { } digest
                && ManifestsOf(blobs, digest).FirstOrDefault(manifest => IsWhole(blobs, manifest, image.Config)) is { } manifest)
            {
                return new KeptImageSource(blobs, image.Config, manifest.WithSizes(blob => blobs.LengthOf(blob.Digest)), name);
            }
        }

        return null;
    }

    /// <summary>Keeps a manifest or index of an image.</summary>
    public static async Task KeepAsync(BlobDirectory blobs, Manifest manifest, CancellationToken cancellationToken)
    {
        if (!blobs.Contains(manifest.Digest))
        {
            IBlobUpload upload = blobs.BeginUpload();
            await using (upload.ConfigureAwait(false))
            {
                upload.Write(manifest.Bytes.Span);
                await upload.CommitAsync(manifest.Digest, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsWhole(BlobDirectory blobs, ImageManifest manifest, ImageConfig config) =>
        manifest.Config.Digest == config.Id && manifest.Layers.Count == config.DiffIds.Count
        && manifest.Layers.All(layer => blobs.Contains(layer.Digest));

    // The digest in a name may be that of an index, which was also kept.
    private static IEnumerable<ImageManifest> ManifestsOf(BlobDirectory blobs, Digest digest) => Read(blobs, digest) switch
    {
        ImageManifest manifest => [manifest],
        ImageIndex index => index.Manifests.Select(child => Read(blobs, child.Digest)).OfType<ImageManifest>(),
        _ => [],
    };

    private static Manifest? Read(BlobDirectory blobs, Digest digest)
    {
        if (!blobs.Contains(digest))
        {
            return null;
        }

        try
        {
            using Stream file = blobs.OpenRead(digest);
            byte[] bytes = new byte[Math.Min(file.Length, Limits.Default.ManifestBytes + 1)];
            file.ReadExactly(bytes);
            Manifest manifest = Oci.Manifest.Parse(bytes);
            return manifest.Digest == digest ? manifest : null;
        }
        catch (BlobsException)
        {
            // The document is damaged or not a manifest, so it cannot be used.
            return null;
        }
    }
}
