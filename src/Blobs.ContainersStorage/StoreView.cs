using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>The store, held for reading: both locks shared, and the documents as they are now.</summary>
internal sealed class StoreView : IDisposable
{
    private readonly ContainersStoreOptions _options;
    private readonly StoreLock _layersLock;
    private readonly StoreLock _imagesLock;

    private StoreView(StorePaths paths, ContainersStoreOptions options, StoreLock layersLock, StoreLock imagesLock)
    {
        _options = options;
        _layersLock = layersLock;
        _imagesLock = imagesLock;
        State = StoreState.Load(paths);
    }

    public StoreState State { get; }

    public static async Task<StoreView> OpenAsync(
        StorePaths paths, ContainersStoreOptions options, CancellationToken cancellationToken)
    {
        StoreLock layers =
            await StoreLock.TakeAsync(paths.LayersLock, false, options.LockWait, cancellationToken).ConfigureAwait(false);
        StoreLock? images = null;
        try
        {
            images = await StoreLock.TakeAsync(paths.ImagesLock, false, options.LockWait, cancellationToken).ConfigureAwait(false);
            return new StoreView(paths, options, layers, images);
        }
        catch
        {
            images?.Dispose();
            layers.Dispose();
            throw;
        }
    }

    /// <summary>Whether a record is that of an image: manifest lists of <c>podman manifest create</c> have records
    /// too.</summary>
    public bool IsImage(StoredImage image) => image.TopLayer is not null || TryRead(image) is ImageManifest;

    /// <summary>The manifest of an image.</summary>
    public ImageManifest ReadManifest(StoredImage image)
    {
        string path = State.Paths.Item(image.Id, ImageRecord.ManifestItem);
        byte[] bytes = SmallFile.TryRead(path, _options.Limits.ManifestBytes)
            ?? throw new StoreException(path, $"image {image.Id}: its manifest is missing ({path})");
        return ErrorContext.Run($"image {image.Id}", () => Manifest.Parse(bytes, null, _options.Limits)) switch
        {
            ImageManifest manifest => manifest,
            _ => throw new StoreException(path, $"image {image.Id}: is a manifest list, not an image"),
        };
    }

    /// <summary>The config of an image.</summary>
    public ImageConfig ReadConfig(StoredImage image, ImageManifest manifest)
    {
        Digest digest = manifest.Config.Digest;
        string path = State.Paths.Item(image.Id, $"{digest}");
        byte[] bytes = SmallFile.TryRead(path, _options.Limits.ConfigBytes)
            ?? throw new StoreException(path, $"image {image.Id}: its config is missing ({path})");
        ImageConfig config = ErrorContext.Run($"image {image.Id}", () => ImageConfig.Parse(bytes, _options.Limits));
        return config.Id == digest
            ? config
            : throw new DigestMismatchException($"image {image.Id}: config", $"{digest}", $"{config.Id}", bytes.Length);
    }

    public void Dispose()
    {
        _imagesLock.Dispose();
        _layersLock.Dispose();
    }

    private Manifest? TryRead(StoredImage image)
    {
        byte[]? bytes = SmallFile.TryRead(State.Paths.Item(image.Id, ImageRecord.ManifestItem), _options.Limits.ManifestBytes);
        try
        {
            return bytes is null ? null : Manifest.Parse(bytes, null, _options.Limits);
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }
}
