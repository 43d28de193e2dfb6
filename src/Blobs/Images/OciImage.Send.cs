using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Images;

/// <content>Makes it, and sends it to a target.</content>
public sealed partial record OciImage
{
    /// <summary>Sends the image to a target: first the new layers, each in one pass if the target can take bytes of
    /// unknown digest; then the layers that it lacks, config and manifest. The caller commits the target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="names">Its names there; ignored by a target whose own address includes a name.</param>
    /// <param name="progress">Receives the progress of every layer, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<TakenImage> SendAsync(
        IImageTarget target,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(names);
        var layers = new List<FinishedLayer>(_parts.Length);
        foreach (Part part in _parts)
        {
            layers.Add(part.New is { } layer
                ? FinishedLayer.Of(layer, await target.TakeLayerAsync(layer, progress, cancellationToken).ConfigureAwait(false))
                : new FinishedLayer(part.Known!, part.Known!.Descriptor));
        }

        return await target.TakeAsync(Finish(layers), names, progress, cancellationToken).ConfigureAwait(false);
    }

    private FinishedImage Finish(IReadOnlyList<FinishedLayer> layers)
    {
        ImageDraft draft = ImageDraft.From(_origin) with
        {
            Config = Config,
            Platform = Platform,
            Created = Created,
            Author = Author,
            History = History,
            DiffIds = [.. layers.Select(layer => layer.Layer.DiffId)],
        };
        ImageConfig config = draft.ToConfig(_origin, _sources);
        ImageManifest? manifest = ManifestOf(config, layers);
        return new FinishedImage(config, manifest, [.. layers.Select(layer => layer.Layer)])
        {
            Format = manifest is not null ? MediaTypes.FormatOf(manifest.MediaType)
                : layers.All(layer => CanBeDocker(layer.Descriptor)) ? Format
                : ManifestFormat.Oci,
            Annotations = Annotations,
        };
    }

    // Null when a layer has no blob: the target makes the manifest.
    private ImageManifest? ManifestOf(ImageConfig config, IReadOnlyList<FinishedLayer> layers)
    {
        if (layers.Any(layer => layer.Descriptor is null))
        {
            return null;
        }

        Descriptor[] described = [.. layers.Select(layer => layer.Descriptor!)];
        bool isDocker = Format == ManifestFormat.Docker && Array.TrueForAll(described, CanBeDocker);
        ManifestFormat format = isDocker ? ManifestFormat.Docker : ManifestFormat.Oci;
        described = Array.ConvertAll(
            described, layer => layer with { MediaType = LayerTypes.TypeIn(layer.MediaType, format) ?? layer.MediaType });
        var configured = new Descriptor
        {
            MediaType = MediaTypes.ConfigIn(format),
            Digest = config.Id,
            Size = config.Bytes.Length,
        };
        string type = MediaTypes.ManifestIn(format);
        return _manifest is null ? ManifestWriter.Image(type, configured, described, Annotations)
            : IsUnchanged(_manifest, type, configured, described) ? _manifest
            : ManifestEdit.Image(_manifest, type, configured, described, HasOwnAnnotations(_manifest) ? null : Annotations);
    }

    private bool IsUnchanged(ImageManifest manifest, string type, Descriptor config, Descriptor[] layers) =>
        manifest.MediaType == type
        && manifest.Config.Digest == config.Digest
        && HasOwnAnnotations(manifest)
        && manifest.Layers.Select(layer => layer.Digest).SequenceEqual(layers.Select(layer => layer.Digest));

    // Docker has no media type for zstd.
    private static bool CanBeDocker(Descriptor? layer) =>
        layer is null || LayerTypes.TypeIn(layer.MediaType, ManifestFormat.Docker) is not null;

    private bool HasOwnAnnotations(ImageManifest manifest) => ReferenceEquals(Annotations, manifest.Annotations);

    /// <summary>A layer that exists now, and its descriptor in the manifest.</summary>
    private sealed record FinishedLayer(ImageLayer Layer, Descriptor? Descriptor)
    {
        public static FinishedLayer Of(NewLayer layer, TakenLayer taken) =>
            new(new WrittenLayer(layer, taken.DiffId), taken.Descriptor);
    }

    /// <summary>A new layer whose digest is known now. Without a descriptor of its own, it opens as its tar.</summary>
    private sealed class WrittenLayer(NewLayer layer, DiffId diffId) : ImageLayer(diffId, null)
    {
        public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) => layer.OpenAsync(cancellationToken);
    }

    private sealed class FinishedImage(ImageConfig config, ImageManifest? manifest, IReadOnlyList<ImageLayer> layers) : IImageSource
    {
        public ImageConfig Config => config;

        public ImageManifest? Manifest => manifest;

        public IReadOnlyList<ImageLayer> Layers => layers;

        public IReadOnlyList<ImageReference> Names => [];

        public string? Repository => null;

        public Digest? Parent => null;

        public ManifestFormat? Format { get; init; }

        public IReadOnlyDictionary<string, string>? Annotations { get; init; }
    }
}
