namespace Blobs.Transfer;

/// <summary>A source whose layers can be read from the middle on.</summary>
internal interface IResumableSource
{
    /// <summary>Opens a layer at an offset; otherwise as <see cref="IImageSource.OpenLayerAsync"/>.</summary>
    ValueTask<Stream> OpenLayerAsync(int index, long offset, CancellationToken cancellationToken);
}
