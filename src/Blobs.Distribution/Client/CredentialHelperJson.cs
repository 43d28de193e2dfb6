using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>What a credential helper prints for <c>get</c>.</summary>
internal sealed record CredentialHelperJson
{
    public string? Username { get; init; }

    public string? Secret { get; init; }

    public static CredentialHelperJson Read(GoObject json) => new()
    {
        Username = json["Username"].Text(),
        Secret = json["Secret"].Text(),
    };
}
