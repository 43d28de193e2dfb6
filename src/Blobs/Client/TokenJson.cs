using System.Text.Json.Serialization;

namespace Blobs.Client;

/// <summary>What a token server gives (Docker registry token authentication; RFC 6749, 5.1).</summary>
internal sealed record TokenJson
{
    [JsonPropertyName("token")]
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    [JsonPropertyName("expires_in")]
    public double? ExpiresInSeconds { get; init; }

    [JsonIgnore]
    public string? Value => string.IsNullOrEmpty(Token) ? AccessToken : Token;
}
