namespace Blobs.Docker;

/// <summary>What an image takes.</summary>
/// <param name="Image">The image, with its size.</param>
/// <param name="SharedBytes">The size of its layers that other images have, too.</param>
/// <param name="Containers">The number of its containers.</param>
public sealed record ImageUsage(ImageSummary Image, long SharedBytes, int Containers)
{
    /// <summary>The size of the layers that only this image has.</summary>
    public long UniqueBytes => Image.Size - SharedBytes;
}
