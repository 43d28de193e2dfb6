namespace Blobs.Distribution.Client;

/// <summary>Credentials for a registry; the members that are set decide how they are used.</summary>
public sealed record RegistryCredentials
{
    /// <summary>The user.</summary>
    public string? Username { get; init; }

    /// <summary>The user's password, or a token used like one.</summary>
    public string? Password { get; init; }

    /// <summary>A refresh token for the registry's token server, used instead of a password.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token for the registry itself, sent as it is.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>Hides the members, so that credentials are not printed by mistake.</summary>
    public override string ToString() => nameof(RegistryCredentials);
}
