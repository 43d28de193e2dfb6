namespace Blobs.Client;

/// <summary>What a credential helper prints for <c>get</c>.</summary>
internal sealed record CredentialHelperJson
{
    public string? Username { get; init; }

    public string? Secret { get; init; }
}
