using System.Text.Json;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// Manifests that are changed and not made: what the change has nothing to do with keeps its bytes and its place, whether we know it or
/// not.
/// </summary>
internal static class ManifestEdit
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = GoDocument.DepthMax };

    private static readonly string[] Plain = ["schemaVersion", "mediaType", "config", "layers"];

    private static readonly string[] PlainDescriptor = ["mediaType", "size", "digest"];

    /// <summary>An index with other manifests in it.</summary>
    /// <param name="index">The index as it came.</param>
    /// <param name="keeps">Which of its manifests stay, in their order.</param>
    /// <param name="added">What comes behind them.</param>
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

    /// <summary>A manifest with other layers, or in another format. A descriptor whose content is another now is made anew: its annotations
    /// told of the old one.</summary>
    /// <param name="manifest">The manifest as it came.</param>
    /// <param name="mediaType">Its type from now on.</param>
    /// <param name="config">Its config from now on.</param>
    /// <param name="layers">Its layers from now on.</param>
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

    /// <summary>Whether there is nothing in a manifest but what dockerd's push writes.</summary>
    public static bool IsPlain(ImageManifest manifest)
    {
        using JsonDocument document = JsonDocument.Parse(manifest.Bytes, Options);
        JsonElement root = document.RootElement;
        IEnumerable<JsonElement> descriptors =
            [Find(root, "config"), .. Elements(root, "layers")];
        return HasOnly(root, Plain) && descriptors.All(descriptor => HasOnly(descriptor, PlainDescriptor));
    }

    // As the reader of manifests has it: the last of several.
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

    // Members keep their order; one that was not there comes last.
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
