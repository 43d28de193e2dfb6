using System.Text.Json;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>
/// Changes existing manifests. Members that a change does not concern keep their bytes and their position, known or not.
/// </summary>
public static class ManifestEdit
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = GoDocument.DepthMax };

    private static readonly string[] Plain = ["schemaVersion", "mediaType", "config", "layers"];

    private static readonly string[] PlainDescriptor = ["mediaType", "size", "digest"];

    /// <summary>An index with some manifests removed and others added.</summary>
    /// <param name="index">The original index.</param>
    /// <param name="keeps">Whether a manifest stays.</param>
    /// <param name="added">Manifests to append.</param>
    public static ImageIndex Index(ImageIndex index, Func<Descriptor, bool> keeps, IReadOnlyList<Descriptor> added)
    {
        using JsonDocument document = JsonDocument.Parse(index.Bytes, Options);
        byte[] manifests = GoJsonWriter.Value(json =>
        {
            json.BeginArray();
            JsonElement[] elements = Elements(document.RootElement, "manifests");
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
        return (ImageIndex)Manifest.Parse(Replace(document.RootElement, [("mediaType", Text(index.MediaType)), ("manifests", manifests)]));
    }

    /// <summary>A manifest with other layers, or in another format. A descriptor whose digest changes is rewritten, as
    /// its annotations were about the old content.</summary>
    /// <param name="manifest">The original manifest.</param>
    /// <param name="mediaType">Its new media type.</param>
    /// <param name="config">Its new config.</param>
    /// <param name="layers">Its new layers.</param>
    public static ImageManifest Image(ImageManifest manifest, string mediaType, Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, Options);
        JsonElement[] old = Elements(document.RootElement, "layers");
        byte[][] written =
        [
            .. layers.Select((layer, i) => i < manifest.Layers.Count ? Edit(manifest.Layers[i], old[i], layer) : Made(layer)),
        ];
        return (ImageManifest)Manifest.Parse(Replace(
            document.RootElement,
            [
                ("mediaType", Text(mediaType)),
                ("config", Edit(manifest.Config, Find(document.RootElement, "config"), config)),
                ("layers", Array(written)),
            ]));
    }

    /// <summary>Whether a manifest has only the members that dockerd's push writes.</summary>
    public static bool IsPlain(ImageManifest manifest)
    {
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, Options);
        JsonElement root = document.RootElement;
        IEnumerable<JsonElement> descriptors =
            [Find(root, "config"), .. Elements(root, "layers")];
        return HasOnly(root, Plain) && descriptors.All(descriptor => HasOnly(descriptor, PlainDescriptor));
    }

    // The last of several, as the reader of manifests does.
    private static JsonElement Find(JsonElement value, string name) =>
        value.EnumerateObject().LastOrDefault(member => UnknownMembers.Match([name], GoValue.NameOf(member)) is not null).Value;

    private static JsonElement[] Elements(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static bool HasOnly(JsonElement value, string[] names) =>
        value.EnumerateObject().All(member => UnknownMembers.Match(names, GoValue.NameOf(member)) is not null);

    private static byte[] Edit(Descriptor known, JsonElement old, Descriptor descriptor) => known.Digest != descriptor.Digest
        ? Made(descriptor)
        : Replace(
            old,
            [
                ("mediaType", Text(descriptor.MediaType)),
                ("digest", Text($"{descriptor.Digest}")),
                ("size", GoJsonWriter.Value(json => json.Number(descriptor.Size))),
            ]);

    // Members keep their order; new ones come last.
    private static byte[] Replace(JsonElement old, (string Name, byte[]? Json)[] replaced)
    {
        string[] names = [.. replaced.Select(member => member.Name)];
        UnknownMembers others = UnknownMembers.Of([old], names);
        string[] there =
        [
            .. old.EnumerateObject()
                .Select(member => UnknownMembers.Match(names, GoValue.NameOf(member)))
                .OfType<string>()
                .Distinct(),
        ];
        IEnumerable<(string Name, byte[]? Json)> ordered = there.Select(name => System.Array.Find(replaced, member => member.Name == name))
            .Concat(replaced.Where(member => !there.Contains(member.Name)));
        return GoJsonWriter.Value(json => json.Object(ordered, others));
    }

    private static byte[] Array(byte[][] values) => GoJsonWriter.Value(json =>
    {
        json.BeginArray();
        foreach (byte[] value in values)
        {
            json.Raw(value);
        }

        json.EndArray();
    });

    private static byte[] Made(Descriptor descriptor) => GoJsonWriter.Value(json => ManifestWriter.Write(json, descriptor));

    private static byte[] Text(string text) => GoJsonWriter.Value(json => json.String(text));
}
