using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Errors;

namespace Blobs.Transfer;

/// <summary>One image in the <c>manifest.json</c> of <c>docker save</c>.</summary>
internal sealed record DockerManifestItem
{
    /// <summary>Name of the file with the config.</summary>
    public string? Config { get; init; } = "";

    /// <summary>The image's tags, familiar form.</summary>
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>Names of the files with the layers, base first.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Id of the image it was made from, if that is in the same archive.</summary>
    public string? Parent { get; init; }

    public static IReadOnlyList<DockerManifestItem> Parse(IArchiveFiles files, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, DockerManifestJson.Default.IReadOnlyListDockerManifestItem)?.ToArray() is { } items
                && Array.TrueForAll(items, item => item is not null)
                    ? items
                    : throw files.Refused("manifest.json is null or has a null in it");
        }
        catch (JsonException error)
        {
            throw new MalformedDataException(
                Fault.ImageArchive, 0, $"{files.Origin}: manifest.json does not parse at {error.Path ?? "its beginning"}");
        }
    }
}

/// <summary>Serialisers without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(IReadOnlyList<DockerManifestItem>))]
internal sealed partial class DockerManifestJson : JsonSerializerContext;
