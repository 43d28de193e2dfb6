using System.Text.Json.Serialization;

namespace Blobs.Client;

/// <summary>The members of <c>~/.docker/config.json</c> that are about credentials.</summary>
internal sealed record DockerConfigJson
{
    [JsonPropertyName("auths")]
    public IReadOnlyDictionary<string, AuthJson?>? Auths { get; init; }

    [JsonPropertyName("credsStore")]
    public string? CredsStore { get; init; }

    [JsonPropertyName("credHelpers")]
    public IReadOnlyDictionary<string, string?>? CredHelpers { get; init; }

    internal sealed record AuthJson
    {
        /// <summary>Base64 of <c>USER:PASSWORD</c>; stands above the other two.</summary>
        [JsonPropertyName("auth")]
        public string? Auth { get; init; }

        [JsonPropertyName("username")]
        public string? Username { get; init; }

        [JsonPropertyName("password")]
        public string? Password { get; init; }

        [JsonPropertyName("identitytoken")]
        public string? IdentityToken { get; init; }

        [JsonPropertyName("registrytoken")]
        public string? RegistryToken { get; init; }
    }
}
