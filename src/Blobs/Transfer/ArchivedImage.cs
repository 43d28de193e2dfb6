using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image of an archive or a layout.</summary>
internal sealed class ArchivedImage : IImageSource
{
    private readonly IArchiveFiles _files;

    /// <param name="files">Where its layers are; stays its owner's and must outlive the image.</param>
    public ArchivedImage(IArchiveFiles files) => _files = files;

    /// <inheritdoc/>
    public required ImageConfig Config { get; init; }

    /// <inheritdoc/>
    public ImageManifest? Manifest { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names { get; init; } = [];

    /// <inheritdoc/>
    public string? Repository => null;

    /// <summary>Names of the files that hold the layers, base first.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>The image this one was made from, where the archive says so.</summary>
    public Digest? Parent { get; init; }

    /// <summary>What the layout calls it, which need not be an image's name.</summary>
    public string? RefName { get; init; }

    /// <inheritdoc/>
    public long? LengthOfLayer(int index)
    {
        using Stream? stream = _files.TryOpen(Layers[index], out long length);
        return stream is null ? null : length;
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_files.TryOpen(Layers[index], out _) ?? throw _files.Missing(Layers[index]));
}
