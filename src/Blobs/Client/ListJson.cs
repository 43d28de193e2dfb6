using System.Text.Json.Serialization;

namespace Blobs.Client;

/// <summary>A page of a list: of tags, or of repositories. Registries 2.x write <c>null</c> for an empty one.</summary>
internal sealed record ListJson
{
    [JsonPropertyName("tags")]
    public IReadOnlyList<string?>? Tags { get; init; }

    [JsonPropertyName("repositories")]
    public IReadOnlyList<string?>? Repositories { get; init; }
}
