using System.Text.Json.Serialization;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>An image's config as JSON, before anybody asked whether it makes sense.</summary>
internal sealed record ImageConfigJson
{
    [JsonPropertyName("architecture")]
    public string? Architecture { get; init; }

    [JsonPropertyName("os")]
    public string? Os { get; init; }

    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    [JsonPropertyName("created")]
    public string? Created { get; init; }

    [JsonPropertyName("author")]
    public string? Author { get; init; }

    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    [JsonPropertyName("container")]
    public string? Container { get; init; }

    [JsonPropertyName("docker_version")]
    public string? DockerVersion { get; init; }

    [JsonPropertyName("container_config")]
    public RunConfig? ContainerConfig { get; init; }

    [JsonPropertyName("config")]
    public RunConfig? Config { get; init; }

    [JsonPropertyName("rootfs")]
    public RootFsJson? RootFs { get; init; }

    [JsonPropertyName("history")]
    public IReadOnlyList<HistoryEntry>? History { get; init; }

    internal sealed record RootFsJson
    {
        [JsonPropertyName("type")]
        public string? Type { get; init; }

        [JsonPropertyName("diff_ids")]
        public IReadOnlyList<DiffId>? DiffIds { get; init; }
    }
}
