using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>
/// A repository as the target of images. It sends the missing blobs in parallel, then the config, then the manifest
/// under its tag. An existing manifest is sent unchanged, so the image keeps its digest.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RegistryImageTarget : IImageTarget
{
    private readonly RegistryClient _client;
    private readonly RegistryRepository _repository;
    private readonly ImageReference _name;
    private readonly PushOptions _options;
    private readonly int _layersAtOnce;
    private readonly Dictionary<DiffId, Descriptor> _taken = [];

    /// <param name="client">The registry client.</param>
    /// <param name="name">The image's name in the registry; without a tag, the tag is <c>latest</c>.</param>
    /// <param name="options">Format, compression, parallelism; the defaults when null.</param>
    public RegistryImageTarget(RegistryClient client, ImageReference name, PushOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(name);
        _options = options ?? new PushOptions();
        if (name.Digest is not null)
        {
            throw new ArgumentException($"'{name}': an image gets its digest from its manifest; name a tag", nameof(name));
        }

        if (_options is { Format: ManifestFormat.Docker, Compression: CompressionKind.Zstd })
        {
            throw new ArgumentException("A Docker manifest has no media type for zstd; choose the OCI format", nameof(options));
        }

        _name = name.WithDefaultTag();
        _client = client;
        _repository = client.Repository(_name);
        _layersAtOnce = LayersAtOnce.Of(_options.LayersAtOnce);
        ArgumentOutOfRangeException.ThrowIfLessThan(_layersAtOnce, 1);
    }

    /// <summary>Known blobs of layers, for an image without a manifest.</summary>
    public IBlobHistory? History { get; init; }

    /// <inheritdoc/>
    /// <exception cref="RegistryException">The registry refuses the request, or cannot be reached.</exception>
    /// <exception cref="DigestMismatchException">A layer does not have the digest that its manifest names.</exception>
    public async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageLayers.Check(image);
        if (History is { } history)
        {
            history.Begin(await _client.FindCredentialsAsync(_name.Domain, cancellationToken).ConfigureAwait(false));
        }

        var layers = new Descriptor[image.Config.DiffIds.Count];
        ManifestFormat format = FormatFor(image);
        var sender = new LayerSender(_repository, image, _options, format, _taken, History, progress);
        int sentCount = 0;

        // Repeated layers share one blob.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, layers.Length).GroupBy(index => image.Config.DiffIds[index]),
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (indexes, stop) =>
            {
                (Descriptor layer, bool isSent) = await sender.SendAsync(image.Layers[indexes.First()], stop).ConfigureAwait(false);
                Interlocked.Add(ref sentCount, isSent ? 1 : 0);
                foreach (int index in indexes)
                {
                    layers[index] = layer;
                }
            }).ConfigureAwait(false);
        Manifest manifest = await SendManifestAsync(image, layers, format, cancellationToken).ConfigureAwait(false);
        return new TakenImage
        {
            Id = image.Config.Id,
            Names = [_name],
            Manifest = manifest.Digest,
            LayerCount = layers.Length,
            NewLayers = sentCount,
        };
    }

    /// <inheritdoc/>
    /// <exception cref="RegistryException">The registry refuses the request, or cannot be reached.</exception>
    public async Task<TakenLayer> TakeLayerAsync(
        NewLayer layer, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var copy = new NewLayerCopy(layer, _options.Compression ?? CompressionKind.Gzip, progress);
        TakenLayer? taken = null;
        await _repository.PutBlobAsync(
            async (target, stop) =>
            {
                taken = copy.Taken(await copy.WriteAsync(target, known: null, stop).ConfigureAwait(false));
                return taken.Descriptor!;
            },
            cancellationToken).ConfigureAwait(false);
        _taken[taken!.DiffId] = taken.Descriptor!;
        return taken;
    }

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ManifestFormat FormatFor(IImageSource image) => _options switch
    {
        { Format: { } wanted } => wanted,
        { Compression: CompressionKind.Zstd } => ManifestFormat.Oci,
        _ => image.Format ?? (image.Annotations is { Count: > 0 } ? ManifestFormat.Oci : ManifestFormat.Docker),
    };

    private async Task<Manifest> SendManifestAsync(
        IImageSource image, Descriptor[] layers, ManifestFormat format, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> config = image.Config.Bytes;
        var descriptor = new Descriptor
        {
            MediaType = MediaTypes.ConfigIn(format),
            Digest = image.Config.Id,
            Size = config.Length,
        };
        if (!await _repository.HasBlobAsync(descriptor.Digest, cancellationToken).ConfigureAwait(false))
        {
            await _repository.PutBlobAsync(
                descriptor, _ => ValueTask.FromResult<Stream>(new MemoryStream(config.ToArray(), writable: false)), cancellationToken)
                .ConfigureAwait(false);
        }

        bool isKept = image.Manifest is { } own && _options.Compression is null && MediaTypes.FormatOf(own.MediaType) == format;
        Manifest manifest = isKept ? image.Manifest! : MakeManifest(image, descriptor, layers, format);
        await _repository.PutManifestAsync(manifest, _name.Tag, cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    private static ImageManifest MakeManifest(IImageSource image, Descriptor config, Descriptor[] layers, ManifestFormat format)
    {
        bool isPlain = image.Manifest is { } own ? ManifestEdit.IsPlain(own) : image.Annotations is not { Count: > 0 };
        string type = MediaTypes.ManifestIn(format);
        return isPlain && format == ManifestFormat.Docker ? ManifestWriter.DockerImage(config, layers)
            : image.Manifest is null || isPlain ? ManifestWriter.Image(type, config, layers, image.Annotations)
            : ManifestEdit.Image(image.Manifest, type, config, layers);
    }
}
