namespace Blobs.Images;

/// <summary>Where the bytes of an image are.</summary>
/// <param name="Root">The merged tree.</param>
/// <param name="Layers">The layers, base first. One that is there twice counts where it is on top.</param>
/// <param name="Hidden">The largest files that nobody sees, the largest first; at most a hundred.</param>
public sealed record ImageUsage(ImageEntry Root, IReadOnlyList<LayerUsage> Layers, IReadOnlyList<HiddenFile> Hidden);
