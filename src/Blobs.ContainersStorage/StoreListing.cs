using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>What <c>podman images</c> lists.</summary>
internal static class StoreListing
{
    public static IReadOnlyList<StoredImageSummary> Of(StoreView view)
    {
        StoredImageSummary[] images = [.. view.State.Images.Where(view.IsImage).Select(image => Of(view, image))];
        return [.. images.Select(image => image with { IsIntermediate = IsStepOfAnother(image, images) })];
    }

    public static StoredImageSummary Of(StoreView view, StoredImage image) => new()
    {
        Image = image,
        Config = view.ReadConfig(image, view.ReadManifest(image)),
        Manifests = ManifestsOf(image),
        Size = view.State.Chain(image.TopLayer).Sum(layer => layer.TarLength ?? 0) + image.ItemSizes.Values.Sum(),
        IsIntermediate = false,
    };

    private static Digest[] ManifestsOf(StoredImage image) =>
    [
        .. image.Items.Where(item => item.StartsWith(ImageRecord.ManifestItem, StringComparison.Ordinal))
            .Select(item => image.ItemDigests.GetValueOrDefault(item))
            .Select(text => Digest.TryParse(text, null, out Digest digest) ? (Digest?)digest : null)
            .OfType<Digest>()
            .Distinct(),
    ];

    // The store does not say what an image was made from. As podman, we compare histories.
    private static bool IsStepOfAnother(StoredImageSummary image, StoredImageSummary[] images) => image.Image.Names.Count == 0
        && Array.Exists(images, other => other != image && IsBeginning(image.Config, other.Config));

    private static bool IsBeginning(ImageConfig below, ImageConfig above) => below.History.Count < above.History.Count
        && below.History.Count > 0
        && above.DiffIds.Take(below.DiffIds.Count).SequenceEqual(below.DiffIds)
        && above.History.Take(below.History.Count).Select(Step).SequenceEqual(below.History.Select(Step));

    // podman's builds write the comment only when the next step is made.
    private static (string?, string?, bool) Step(HistoryEntry entry) => (entry.CreatedBy, entry.Created, entry.EmptyLayer);
}
