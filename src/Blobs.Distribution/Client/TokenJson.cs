using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>The answer of a token server (Docker registry token authentication; RFC 6749, 5.1).</summary>
internal sealed record TokenJson
{
    public string? Token { get; init; }

    public string? AccessToken { get; init; }

    public double? ExpiresInSeconds { get; init; }

    public string? Value => string.IsNullOrEmpty(Token) ? AccessToken : Token;

    public static TokenJson Read(GoObject json) => new()
    {
        Token = json["token"].Text(),
        AccessToken = json["access_token"].Text(),
        ExpiresInSeconds = json["expires_in"].RealIfAny(),
    };
}
