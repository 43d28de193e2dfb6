using System.Text.Json.Serialization;

namespace Blobs.Client;

/// <summary>The body of a refusal (OCI distribution-spec, "Error Codes").</summary>
internal sealed record RegistryErrorsJson
{
    [JsonPropertyName("errors")]
    public IReadOnlyList<ErrorJson?>? Errors { get; init; }

    internal sealed record ErrorJson
    {
        [JsonPropertyName("code")]
        public string? Code { get; init; }

        [JsonPropertyName("message")]
        public string? Message { get; init; }
    }
}
