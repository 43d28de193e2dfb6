using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>Makes and changes records of images.</summary>
internal static class ImageRecord
{
    /// <summary>The document that every image has: its manifest.</summary>
    public const string ManifestItem = "manifest";

    /// <summary>Name under which the manifest is found by its digest.</summary>
    public static string ItemOf(Digest manifest) => $"{ManifestItem}-{manifest}";

    /// <summary>The record of an image that the store does not have; it has no names yet.</summary>
    public static StoredImage New(ImageConfig config, ImageManifest manifest, string? topLayer)
    {
        string created = GoTime.Normalize(config.Created) ?? GoTime.Of(DateTimeOffset.UtcNow);
        var image = new StoredImage
        {
            Id = config.Id.Hex,
            Digest = manifest.Digest,
            TopLayer = topLayer,
            Created = created,
        };
        image = WithItem(WithItem(WithItem(
            image, $"{config.Id}", config.Id, config.Bytes.Length),
            ItemOf(manifest.Digest), manifest.Digest, manifest.Bytes.Length),
            ManifestItem, manifest.Digest, manifest.Bytes.Length);
        byte[] json = GoJsonWriter.Value(record => record.Object(
        [
            ("id", Text(image.Id)),
            ("digest", Text($"{manifest.Digest}")),
            ("layer", topLayer is null ? null : Text(topLayer)),
            ("metadata", Text("{}")),
            .. ItemMembers(image),
            ("created", Text(created)),
        ]));
        return image with { Json = json };
    }

    /// <summary>The record of the same image with another manifest, which is the current one from then on.</summary>
    public static StoredImage WithManifest(StoredImage image, ImageManifest manifest)
    {
        StoredImage changed = WithItem(
            WithItem(image, ItemOf(manifest.Digest), manifest.Digest, manifest.Bytes.Length),
            ManifestItem, manifest.Digest, manifest.Bytes.Length);
        return changed with { Json = StoreRecords.Edit(image.Json, ItemMembers(changed)) };
    }

    /// <summary>The record with more names, in front of the others.</summary>
    public static StoredImage WithNames(StoredImage image, IReadOnlyList<string> names) => names.All(image.Names.Contains)
        ? image
        : Renamed(image with
        {
            Names = [.. names, .. image.Names.Except(names)],
            NamesHistory = [.. image.NamesHistory, .. names.Except(image.NamesHistory)],
        });

    /// <summary>The record without some names. Its history keeps them.</summary>
    public static StoredImage WithoutNames(StoredImage image, IReadOnlyCollection<string> names) =>
        image.Names.Any(names.Contains) ? Renamed(image with { Names = [.. image.Names.Except(names)] }) : image;

    private static StoredImage Renamed(StoredImage image) =>
        image with { Json = StoreRecords.Edit(image.Json, NameMembers(image)) };

    private static StoredImage WithItem(StoredImage image, string name, Digest digest, long size) => image with
    {
        Items = image.Items.Contains(name) ? image.Items : [.. image.Items, name],
        ItemSizes = new Dictionary<string, long>(image.ItemSizes) { [name] = size },
        ItemDigests = new Dictionary<string, string>(image.ItemDigests) { [name] = $"{digest}" },
    };

    private static (string Name, byte[]? Json)[] NameMembers(StoredImage image) =>
    [
        ("names", image.Names.Count == 0 ? null : Texts(image.Names)),
        ("names-history", image.NamesHistory.Count == 0 ? null : Texts(image.NamesHistory)),
    ];

    private static (string Name, byte[]? Json)[] ItemMembers(StoredImage image) =>
    [
        ("big-data-names", Texts(image.Items)),
        ("big-data-sizes", GoJsonWriter.Value(json => json.Object(
            image.ItemSizes.Select(item => (item.Key, (byte[]?)GoJsonWriter.Value(size => size.Number(item.Value))))))),
        ("big-data-digests", GoJsonWriter.Value(json => json.Map(image.ItemDigests))),
    ];

    private static byte[] Text(string text) => GoJsonWriter.Value(json => json.String(text));

    private static byte[] Texts(IEnumerable<string> texts) => GoJsonWriter.Value(json => json.Strings(texts));
}
