namespace Blobs.Client;

/// <summary>What a registry asks for before it lets somebody in; which members count is told by what is there.</summary>
public sealed record RegistryCredentials
{
    /// <summary>Who asks.</summary>
    public string? Username { get; init; }

    /// <summary>That user's password, or a token in its place.</summary>
    public string? Password { get; init; }

    /// <summary>A refresh token for the registry's token server, in place of a password.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A token for the registry itself, sent as it is.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>Says nothing: whoever prints credentials did not mean to.</summary>
    public override string ToString() => nameof(RegistryCredentials);
}
