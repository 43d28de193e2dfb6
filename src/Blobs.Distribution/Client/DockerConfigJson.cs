using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>The members of <c>~/.docker/config.json</c> that concern credentials.</summary>
internal sealed record DockerConfigJson
{
    public IReadOnlyDictionary<string, AuthJson>? Auths { get; init; }

    public string? CredsStore { get; init; }

    public IReadOnlyDictionary<string, string>? CredHelpers { get; init; }

    public static DockerConfigJson Read(GoObject json) => new()
    {
        Auths = json["auths"].Map(auth => AuthJson.Read(auth.Object())),
        CredsStore = json["credsStore"].Text(),
        CredHelpers = json["credHelpers"].TextMap(),
    };

    internal sealed record AuthJson
    {
        /// <summary>Base64 of <c>USER:PASSWORD</c>; takes precedence over the other two.</summary>
        public string? Auth { get; init; }

        public string? Username { get; init; }

        public string? Password { get; init; }

        public string? IdentityToken { get; init; }

        public string? RegistryToken { get; init; }

        public static AuthJson Read(GoObject json) => new()
        {
            Auth = json["auth"].Text(),
            Username = json["username"].Text(),
            Password = json["password"].Text(),
            IdentityToken = json["identitytoken"].Text(),
            RegistryToken = json["registrytoken"].Text(),
        };
    }
}
