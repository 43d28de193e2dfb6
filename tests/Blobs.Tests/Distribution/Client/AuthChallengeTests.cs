using Blobs.Distribution.Client;

namespace Blobs.Tests.Distribution.Client;

public sealed class AuthChallengeTests
{
    [Theory]
    [InlineData("realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:a/b:pull,push\"")]
    [InlineData("scope=\"repository:a/b:pull,push\" , Service=registry,  REALM=\"https://auth.example/token\"")]
    [InlineData("realm=\"https://auth.example\\/token\",service=\"regi\\stry\",scope=\"repository:a/b:pull,push\",error=\"invalid_token\"")]
    public void Reads_parameters_in_any_order_quoted_or_not(string parameters)
    {
        AuthChallenge challenge = Of($"Bearer {parameters}")!;
        Assert.True(challenge.Is(AuthChallenge.Bearer));
        Assert.Equal("https://auth.example/token", challenge.Realm);
        Assert.Equal("registry", challenge.Service);
        Assert.Equal("repository:a/b:pull,push", challenge.Scope);
    }

    [Fact]
    public void Prefers_a_token_to_a_password()
    {
        Assert.True(Of("Basic realm=\"x\"", "Bearer realm=\"https://auth.example/\"")!.Is(AuthChallenge.Bearer));
        Assert.True(Of("Negotiate", "basic realm=\"x\"")!.Is(AuthChallenge.Basic));
        Assert.Null(Of("Negotiate"));
        Assert.Null(Of("Bearer service=\"no realm\""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("realm=\"never closed")]
    [InlineData("=,=,\"\"")]
    [InlineData("realm=\"a\\")]
    public void Malformed_challenges_are_ignored(string parameters) => Assert.NotNull(AuthChallenge.Read(parameters));

    private static AuthChallenge? Of(params string[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (string header in headers)
        {
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", header);
        }

        return AuthChallenge.Of(response);
    }
}
