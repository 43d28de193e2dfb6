using Blobs.Errors;
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

    /// <summary>Whether it is only there because another one was made from it.</summary>
    public bool IsIntermediate { get; init; }

    /// <summary>What the layout calls it, which need not be an image's name.</summary>
    public string? RefName { get; init; }

    /// <inheritdoc/>
    public long? LengthOfLayer(int index)
    {
        using Stream? stream = _files.TryOpen(Layers[index], out long length);
        return stream is null ? null : length;
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default)
    {
        Stream layer = _files.TryOpen(Layers[index], out long length) ?? throw _files.Missing(Layers[index]);
        if (SizeFault(index, length) is { } fault)
        {
            layer.Dispose();
            throw fault;
        }

        return ValueTask.FromResult(layer);
    }

    /// <summary>What is wrong when a layer has another size than its descriptor says; null when nothing is, or it says none.</summary>
    public MalformedDataException? SizeFault(int index, long length) =>
        Manifest?.Layers[index] is { Size: > 0 } layer && layer.Size != length
            ? _files.Refused($"layer {layer.Digest} is {length} bytes long, and its manifest says {layer.Size}")
            : null;
}
