using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Containerd;
using Blobs.Hashing;

namespace Blobs.Cli.Stores;

/// <summary>What <c>inspect</c> prints of an image of containerd: docker's members, and what containerd has of it.</summary>
internal sealed record ContainerdReport
{
    /// <summary>The digest of what the name refers to.</summary>
    public required string Id { get; init; }

    public required IReadOnlyList<string> RepoTags { get; init; }

    public required string? Created { get; init; }

    public required string? Author { get; init; }

    public required string Architecture { get; init; }

    public required string Os { get; init; }

    /// <summary>Bytes of manifest, config and blobs.</summary>
    public required long Size { get; init; }

    public required JsonElement? Config { get; init; }

    public required IReadOnlyList<string> DiffIds { get; init; }

    /// <summary>Digest of the config, which is the id that CRI shows.</summary>
    public required string ConfigDigest { get; init; }

    public required string ManifestDigest { get; init; }

    public required string MediaType { get; init; }

    /// <summary>containerd's labels of the name.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required bool IsUnpacked { get; init; }

    public required IReadOnlyList<string> MissingBlobs { get; init; }

    public static ContainerdReport From(ContainerdInspection found)
    {
        using JsonDocument config = JsonDocument.Parse(found.Config.Bytes);
        return new ContainerdReport
        {
            Id = $"{found.Image.Target.Digest}",
            RepoTags = [found.Image.Name, .. found.OtherNames],
            Created = found.Config.Created,
            Author = found.Config.Author,
            Architecture = found.Config.Platform.Architecture,
            Os = found.Config.Platform.Os,
            Size = found.ContentBytes,
            Config = config.RootElement.TryGetProperty("config", out JsonElement run) ? run.Clone() : null,
            DiffIds = [.. found.Config.DiffIds.Select(id => $"{id}")],
            ConfigDigest = $"{found.Config.Id}",
            ManifestDigest = $"{found.Manifest.Digest}",
            MediaType = found.Image.Target.MediaType,
            Labels = found.Image.Labels,
            IsUnpacked = found.IsUnpacked,
            MissingBlobs = [.. found.MissingBlobs.Select((Digest digest) => $"{digest}")],
        };
    }
}

/// <summary>Source-generated JSON serialiser.</summary>
[JsonSerializable(typeof(ContainerdReport))]
internal sealed partial class ContainerdJson : JsonSerializerContext;
