using System.Text.Json;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>
/// Changes existing manifests. Members that a change does not concern keep their bytes and their position, known or not.
/// </summary>
public static class ManifestEdit
{
    private static readonly string[] Plain = ["schemaVersion", "mediaType", "config", "layers"];

    private static readonly string[] PlainDescriptor = ["mediaType", "size", "digest"];

    /// <summary>An index with some manifests removed and others added.</summary>
    /// <param name="index">The original index.</param>
    /// <param name="keeps">Whether a manifest stays.</param>
    /// <param name="added">Manifests to append.</param>
    public static ImageIndex Index(ImageIndex index, Func<Descriptor, bool> keeps, IReadOnlyList<Descriptor> added)
    {
        using JsonDocument document = JsonDocument.Parse(index.Bytes, JsonEdit.Options);
        byte[] manifests = GoJsonWriter.Value(json =>
        {
            json.BeginArray();
            JsonElement[] elements = JsonEdit.Elements(document.RootElement, "manifests");
            foreach ((Descriptor manifest, JsonElement element) in index.Manifests.Zip(elements))
            {
                if (keeps(manifest))
                {
                    json.Raw(UnknownMembers.Bytes(element));
                }
            }

            foreach (Descriptor manifest in added)
            {
                ManifestWriter.Write(json, manifest);
            }

            json.EndArray();
        });
        return (ImageIndex)Manifest.Parse(JsonEdit.Replace(
            document.RootElement, [("mediaType", JsonEdit.Text(index.MediaType)), ("manifests", manifests)]));
    }

    /// <summary>A manifest with other layers, or in another format. A descriptor whose digest changes is rewritten, as
    /// its annotations were about the old content.</summary>
    /// <param name="manifest">The original manifest.</param>
    /// <param name="mediaType">Its new media type.</param>
    /// <param name="config">Its new config.</param>
    /// <param name="layers">Its new layers.</param>
    /// <param name="annotations">Its new annotations; unchanged when null.</param>
    public static ImageManifest Image(
        ImageManifest manifest,
        string mediaType,
        Descriptor config,
        IReadOnlyList<Descriptor> layers,
        IReadOnlyDictionary<string, string>? annotations = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(layers);
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, JsonEdit.Options);
        JsonElement[] old = JsonEdit.Elements(document.RootElement, "layers");
        (string Name, byte[]? Json)[] replaced =
        [
            ("mediaType", JsonEdit.Text(mediaType)),
            ("config", Edit(manifest.Config, JsonEdit.Find(document.RootElement, "config"), config)),
            ("layers", JsonEdit.Array(layers.Select(Layer))),
        ];
        return (ImageManifest)Manifest.Parse(JsonEdit.Replace(
            document.RootElement, annotations is null ? replaced : [.. replaced, ("annotations", Map(annotations))]));

        // A layer may have moved, as in a rebased image.
        byte[] Layer(Descriptor layer, int index)
        {
            bool isInPlace = index < old.Length && manifest.Layers[index].Digest == layer.Digest;
            int at = isInPlace ? index : manifest.Layers.Select(one => one.Digest).ToList().IndexOf(layer.Digest);
            return at < 0 ? Made(layer) : Edit(manifest.Layers[at], old[at], layer);
        }
    }

    /// <summary>A manifest or index with other annotations.</summary>
    /// <param name="manifest">The original.</param>
    /// <param name="annotations">All its new annotations; none when empty.</param>
    public static Manifest Annotate(Manifest manifest, IReadOnlyDictionary<string, string> annotations)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(annotations);
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, JsonEdit.Options);
        return Manifest.Parse(
            JsonEdit.Replace(
                document.RootElement, [("mediaType", JsonEdit.Text(manifest.MediaType)), ("annotations", Map(annotations))]));
    }

    /// <summary>Whether a manifest has only the members that dockerd's push writes.</summary>
    public static bool IsPlain(ImageManifest manifest)
    {
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, JsonEdit.Options);
        JsonElement root = document.RootElement;
        IEnumerable<JsonElement> descriptors =
            [JsonEdit.Find(root, "config"), .. JsonEdit.Elements(root, "layers")];
        return HasOnly(root, Plain) && descriptors.All(descriptor => HasOnly(descriptor, PlainDescriptor));
    }

    private static bool HasOnly(JsonElement value, string[] names) =>
        value.EnumerateObject().All(member => UnknownMembers.Match(names, GoValue.NameOf(member)) is not null);

    private static byte[] Edit(Descriptor known, JsonElement old, Descriptor descriptor) => known.Digest != descriptor.Digest
        ? Made(descriptor)
        : JsonEdit.Replace(
            old,
            [
                ("mediaType", JsonEdit.Text(descriptor.MediaType)),
                ("digest", JsonEdit.Text($"{descriptor.Digest}")),
                ("size", GoJsonWriter.Value(json => json.Number(descriptor.Size))),
            ]);

    private static byte[]? Map(IReadOnlyDictionary<string, string> values) =>
        values.Count == 0 ? null : GoJsonWriter.Value(json => json.Map(values));

    private static byte[] Made(Descriptor descriptor) => GoJsonWriter.Value(json => ManifestWriter.Write(json, descriptor));
}
