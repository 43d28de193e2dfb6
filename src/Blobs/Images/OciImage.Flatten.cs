using Blobs.Oci;

namespace Blobs.Images;

/// <content>Makes it one layer.</content>
public sealed partial record OciImage
{
    /// <summary>This image with its merged file system as the only layer: whiteouts are applied, and what later layers hide
    /// is gone. The layers are read, verified, when the new one is written.</summary>
    /// <param name="createdBy">What made the layer, for its history.</param>
    public OciImage Flatten(string createdBy = "blobs flatten")
    {
        NewLayer flat = NewLayer.FromTar(
            async cancellationToken =>
            {
                IReadOnlyList<ImageLayer> layers = await ReadableAsync(cancellationToken).ConfigureAwait(false);
                return new ImageFileSystem(layers, new ImageReadOptions { ReadsToEnd = true }).OpenTar();
            },
            createdBy);
        return this with
        {
            Parts = [new Part(null, flat)],
            History = [new HistoryEntry { Created = Created, CreatedBy = createdBy }],
        };
    }

    // A layer that is read needs its digest.
    private async Task<IReadOnlyList<ImageLayer>> ReadableAsync(CancellationToken cancellationToken)
    {
        var layers = new List<ImageLayer>();
        foreach (Part part in _parts)
        {
            layers.Add(part.Known
                ?? new WrittenLayer(part.New!, await part.New!.HashAsync(cancellationToken).ConfigureAwait(false)));
        }

        return layers;
    }
}
