using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Reads archives of <c>docker save</c>, since Docker 1.10: <c>manifest.json</c> names configs and layers, which may be
/// anywhere in the archive.
/// </summary>
internal static class DockerArchive
{
    public const string ManifestName = "manifest.json";

    /// <summary>The images of the archive, in its order; null when it has no <c>manifest.json</c>.</summary>
    public static IReadOnlyList<ArchivedImage>? TryRead(IArchiveFiles files, Limits limits) =>
        files.TryReadDocument(ManifestName, limits.ManifestBytes) is { } json
            ? [.. DockerManifestItem.Parse(files, json).Select(item => Image(files, item, limits))]
            : null;

    private static ArchivedImage Image(IArchiveFiles files, DockerManifestItem item, Limits limits)
    {
        string name = item.Config.Length > 0 ? item.Config : throw files.Refused("manifest.json names no config");
        byte[] json = files.ReadDocument(name, limits.ConfigBytes, nameof(Limits.ConfigBytes));
        ImageConfig config = files.Parse(name, () => ImageConfig.Parse(json, limits));
        IReadOnlyList<string> layers = item.Layers;
        if (layers.Count != config.DiffIds.Count)
        {
            throw files.Refused($"invalid manifest, layers length mismatch: expected {config.DiffIds.Count}, got {layers.Count}");
        }

        return new ArchivedImage(files)
        {
            Config = config,
            Names = [.. item.RepoTags.Select(tag => Tag(files, tag))],
            LayerNames = layers,
            Parent = Digest.TryParse(item.Parent, null, out Digest parent) ? parent : null,
        };
    }

    private static ImageReference Tag(IArchiveFiles files, string text) =>
        ImageReference.TryParse(text, out ImageReference? name) && name is { Tag: not null, Digest: null }
            ? name
            : throw files.Refused($"invalid tag {ArchiveDocuments.Shown(text)}");
}
