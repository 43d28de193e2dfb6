using Blobs.Errors;
using Blobs.Json.Internal;

namespace Blobs.Transfer;

/// <summary>One image in the <c>manifest.json</c> of <c>docker save</c>, parsed as dockerd does.</summary>
internal sealed record DockerManifestItem
{
    // Descriptors of foreign layers, which only Windows images have.
    private static readonly GoType LayerSources = GoType.Map(GoType.Struct(
        (GoType.Text, ["mediaType", "digest"]),
        (GoType.Number, ["size"]),
        (GoType.Texts, ["urls"]),
        (GoType.TextMap, ["annotations"])));

    /// <summary>Name of the file with the config.</summary>
    public required string Config { get; init; }

    /// <summary>The image's tags in familiar form.</summary>
    public required IReadOnlyList<string> RepoTags { get; init; }

    /// <summary>Names of the files with the layers, base first.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Id of its parent image, if that is in the same archive.</summary>
    public string? Parent { get; init; }

    public static IReadOnlyList<DockerManifestItem> Parse(IArchiveFiles files, byte[] json)
    {
        using GoDocument document = GoDocument.ParseFirst(json, $"{files.Origin}: manifest.json", Fault.ImageArchive);
        return document.Root.List(item => Read(item.Object())) ?? [];
    }

    /// <summary>The document as dockerd writes it: in Go's JSON form, followed by a newline.</summary>
    public static byte[] ToJson(IEnumerable<DockerManifestItem> items)
    {
        var json = new GoJsonWriter();
        json.BeginArray();
        foreach (DockerManifestItem item in items)
        {
            json.BeginObject();
            json.Name("Config");
            json.String(item.Config);
            json.Name("RepoTags");
            json.Strings(item.RepoTags.Count == 0 ? null : item.RepoTags);
            json.Name("Layers");
            json.Strings(item.Layers);
            if (item.Parent is not null)
            {
                json.Name("Parent");
                json.String(item.Parent);
            }

            json.EndObject();
        }

        json.EndArray();
        return [.. json.Written, (byte)'\n'];
    }

    private static DockerManifestItem Read(GoObject json)
    {
        LayerSources.Check(json["LayerSources"]);
        return new DockerManifestItem
        {
            Config = json["Config"].Text() ?? "",
            RepoTags = json["RepoTags"].Texts() ?? [],
            Layers = json["Layers"].Texts() ?? [],
            Parent = json["Parent"].Text(),
        };
    }
}
