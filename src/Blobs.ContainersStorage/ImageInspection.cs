using Blobs.Errors;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>Writes what <c>podman inspect</c> prints of an image.</summary>
internal static class ImageInspection
{
    // As the OCI specification has them.
    private static readonly string[] RunMembers =
        ["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal"];

    /// <summary>Compact JSON with the members that podman 4.3 prints.</summary>
    public static byte[] Write(StoreView view, StoredImageSummary summary)
    {
        StoredImage image = summary.Image;
        ImageConfig config = summary.Config;
        ImageManifest manifest = view.ReadManifest(image);
        using var document = GoDocument.Parse(config.Bytes, $"image {image.Id}", Fault.ConfigSyntax);
        GoObject json = document.Root.Object();
        byte[]? labels = Raw(json["config"].Object()["Labels"]);
        return GoJsonWriter.Value(writer => writer.Object(
        [
            ("Id", Text(image.Id)),
            ("Digest", Text($"{image.Digest ?? manifest.Digest}")),
            ("RepoTags", Texts(summary.Tags.Select(name => $"{name}"))),
            ("RepoDigests", Texts(summary.Digests.Select(name => $"{name}"))),
            ("Parent", Text("")),
            ("Comment", Text(config is { Comment: null or "", History: [.., var last] } ? last.Comment : config.Comment)),
            ("Created", Text(GoTime.Normalize(config.Created) ?? GoTime.Zero)),
            ("Config", Run(json["config"].Object())),
            ("Version", Text(config.DockerVersion)),
            ("Author", Text(config.Author)),
            ("Architecture", Text(config.Platform.Architecture)),
            ("Os", Text(config.Platform.Os)),
            ("Size", Number(summary.Size)),
            ("VirtualSize", Number(summary.Size)),
            ("GraphDriver", Driver(view.State, image)),
            ("RootFS", GoJsonWriter.Value(rootFs => rootFs.Object(
                [("Type", Text("layers")), ("Layers", Texts(config.DiffIds.Select(id => $"{id}")))]))),
            ("Labels", labels ?? "null"u8.ToArray()),
            ("Annotations", GoJsonWriter.Value(map => map.Map(manifest.Annotations ?? new Dictionary<string, string>()))),
            ("ManifestType", Text(manifest.MediaType)),
            ("User", Text(config.Config.User)),
            ("History", Raw(json["history"])),
            ("NamesHistory", Texts(image.NamesHistory)),
        ]));
    }

    private static byte[] Run(GoObject config) => GoJsonWriter.Value(writer => writer.Object(
        RunMembers.Select(name => (name, config[name].Raw() is [(byte)'"', (byte)'"'] ? null : Raw(config[name])))));

    private static byte[] Driver(StoreState state, StoredImage image)
    {
        string[] trees = [.. state.Chain(image.TopLayer).Select(layer => state.Paths.Tree(layer.Id)).Reverse()];
        return GoJsonWriter.Value(driver => driver.Object(
        [
            ("Name", Text("overlay")),
            ("Data", GoJsonWriter.Value(data => data.Object(trees.Length == 0 ? [] :
            [
                ("LowerDir", trees.Length > 1 ? Text(string.Join(':', trees[1..])) : null),
                ("UpperDir", Text(trees[0])),
                ("WorkDir", Text(Path.Combine(Path.GetDirectoryName(trees[0])!, "work"))),
            ]))),
        ]));
    }

    private static byte[]? Raw(GoValue value) => value.IsThere ? value.Raw().ToArray() : null;

    private static byte[] Number(long value) => GoJsonWriter.Value(json => json.Number(value));

    private static byte[] Text(string? text) => GoJsonWriter.Value(json => json.String(text ?? ""));

    private static byte[] Texts(IEnumerable<string> texts) => GoJsonWriter.Value(json => json.Strings(texts));
}
