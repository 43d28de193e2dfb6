using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Writes an OCI image layout, to a folder or as an archive. Layers described by a manifest keep their bytes, and an
/// OCI manifest stays unchanged; other layers are compressed with gzip. Documents follow the layers, the index comes
/// last.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class OciLayoutTarget : IImageTarget
{
    private readonly ILayoutWriter _writer;
    private readonly ArchiveOptions _options;
    private readonly string? _refName;
    private readonly Dictionary<DiffId, Descriptor> _taken = [];
    private readonly LayoutEntries _entries;
    private readonly List<DockerManifestItem> _images = [];

    private OciLayoutTarget(ILayoutWriter writer, ArchiveOptions? options, string? refName)
    {
        _writer = writer;
        _entries = new LayoutEntries(writer.Index);
        _options = options ?? new ArchiveOptions();
        _refName = refName;
    }

    /// <summary>Writes to a folder, which need not exist. Existing images stay, except one of the same name.</summary>
    /// <param name="folder">The layout's folder.</param>
    /// <param name="refName">The layout's ref.name for the image, which replaces the image's own names.</param>
    /// <param name="options">How layers are compressed.</param>
    /// <exception cref="MalformedDataException">There is an <c>index.json</c> that does not parse.</exception>
    public static OciLayoutTarget ToFolder(string folder, string? refName = null, ArchiveOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new OciLayoutTarget(new FolderLayoutWriter(folder, Limits.Default, keepsBlobs: false), options, refName);
    }

    /// <summary>Writes an archive.</summary>
    /// <param name="target">Takes the archive; stays open.</param>
    /// <param name="refName">The layout's ref.name for the image, which replaces the image's own names.</param>
    /// <param name="options">How layers are compressed.</param>
    public static OciLayoutTarget ToArchive(Stream target, string? refName = null, ArchiveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new OciLayoutTarget(new ArchiveLayoutWriter(target, options?.ForwardOnly ?? false), options, refName);
    }

    /// <inheritdoc/>
    public async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        ImageLayers.Check(image);
        var layers = new List<Descriptor>();
        var known = new Dictionary<DiffId, Descriptor>(_taken);
        foreach (ImageLayer layer in image.Layers)
        {
            // A repeated layer is one blob.
            if (!known.TryGetValue(layer.DiffId, out Descriptor? written))
            {
                written = await WriteLayerAsync(layer, progress, cancellationToken).ConfigureAwait(false);
                known.Add(layer.DiffId, written);
            }

            layers.Add(written);
        }

        _writer.Write(image.Config.Id, image.Config.Bytes.Span);
        ImageManifest manifest = ManifestOf(image, layers);
        _writer.Write(manifest.Digest, manifest.Bytes.Span);
        AddToIndex(manifest, image.Config.Platform, names);
        return new TakenImage
        {
            Id = image.Config.Id,
            Names = names,
            Manifest = manifest.Digest,
            LayerCount = layers.Count,
            NewLayers = layers.Count,
        };
    }

    /// <inheritdoc/>
    public async Task<TakenLayer> TakeLayerAsync(
        NewLayer layer, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var copy = new NewLayerCopy(layer, _options.Compression ?? CompressionKind.Gzip, progress);
        WrittenBlob blob = await _writer
            .WriteAsync((target, known) => copy.WriteAsync(target, known, cancellationToken)).ConfigureAwait(false);
        TakenLayer taken = copy.Taken(blob);
        _taken[taken.DiffId] = taken.Descriptor!;
        return taken;
    }

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _writer.Commit(_entries.ToIndex(), _images);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task<Descriptor> WriteLayerAsync(
        ImageLayer layer, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var copy = new LayerCopy(layer, _options.Compression, CompressionKind.Gzip, progress);
        if (copy.Kept is { } kept)
        {
            if (kept.IsForeignLayer)
            {
                new TransferReport(progress, $"{layer.DiffId}", kept.Size).Report(TransferStep.Skipped, 0);
            }
            else
            {
                await PutAsync(kept.Digest, kept.Size).ConfigureAwait(false);
            }

            return new Descriptor { MediaType = OciTypeOf(kept.MediaType), Digest = kept.Digest, Size = kept.Size, Urls = kept.Urls };
        }

        if (copy.Compression == CompressionKind.None && layer.IsVerifiedTar && layer.GetLength() is { } length)
        {
            // The uncompressed tar is the blob.
            Digest digest = layer.DiffId.ToDigest();
            await PutAsync(digest, length).ConfigureAwait(false);
            return Describe(new WrittenBlob(digest, length));
        }

        return Describe(await _writer.WriteAsync(WriteAsync).ConfigureAwait(false));

        Descriptor Describe(WrittenBlob blob) => new()
        {
            MediaType = LayerTypes.Of(copy.Compression, ManifestFormat.Oci)!,
            Digest = blob.Digest,
            Size = blob.Length,
        };

        Task<WrittenBlob> WriteAsync(Stream target, Digest? known) => copy.WriteAsync(target, known, cancellationToken);

        async Task PutAsync(Digest digest, long bytes)
        {
            if (_writer.Contains(digest))
            {
                new TransferReport(progress, $"{layer.DiffId}", bytes).Report(TransferStep.Exists, 0);
                return;
            }

            await _writer.WriteAsync(digest, bytes, target => WriteAsync(target, known: null)).ConfigureAwait(false);
        }
    }

    private ImageManifest ManifestOf(IImageSource image, List<Descriptor> layers)
    {
        bool isKept = _options.Compression is null && image.Manifest is { MediaType: MediaTypes.OciManifest };
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image.Config.Id, Size = image.Config.Bytes.Length };
        return image.Manifest is not { } own ? ManifestWriter.Image(MediaTypes.OciManifest, config, layers, image.Annotations)
            : isKept ? own : ManifestEdit.Image(own, MediaTypes.OciManifest, config, layers);
    }

    private void AddToIndex(ImageManifest manifest, Platform platform, IReadOnlyList<ImageReference> names)
    {
        Descriptor plain = manifest.Describe() with { Platform = platform.Architecture.Length > 0 ? platform : null };
        IReadOnlyList<Descriptor> entries = _entries.Add(plain, new ManifestName(_refName, names));
        _images.Add(new DockerManifestItem
        {
            Config = OciLayout.BlobName(manifest.Config.Digest),
            RepoTags = [.. entries.Select(OciLayout.NameOf).OfType<ImageReference>().Select(name => name.Familiar)],
            Layers = [.. manifest.Layers.Select(layer => OciLayout.BlobName(layer.Digest))],
        });
    }

    private static string OciTypeOf(string type) => LayerTypes.TypeIn(type, ManifestFormat.Oci) ?? type;
}
