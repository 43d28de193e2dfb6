using System.Web;
using Amazon.Runtime;
using Blobs.Storage.S3;

namespace Blobs.Tests.Storage.S3;

/// <summary>Signatures as another program makes them (aws4 of npm), with the key and the time of Amazon's documentation.</summary>
public sealed class SignedRequestsTests
{
    private const string Key = "AKIAIOSFODNN7EXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Token = "a+token/of=a/session";

    private static readonly DateTimeOffset Time = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("https://examplebucket.s3.amazonaws.com/?delete", 86400, false, "ac709654ddfa92eab7298676f2792d8dc22b642b33159a65ebb54b5ba077e399")]
    [InlineData("http://127.0.0.1:9000/bucket/?delete", 30, false, "786d494a8e7d28e2c1b2852861e8be787d7e7e192eb06c141d333cbae39565c1")]
    [InlineData("https://examplebucket.s3.amazonaws.com/?delete", 86400, true, "65fc1ebfc9dd79e5f1942997fbf7e113f8d43430a47a8e3187e6afefac1b00d2")]
    public void A_signature_in_an_address_is_that_of_others(string address, int seconds, bool hasToken, string expected)
    {
        Uri signed = SignedRequests.Sign(
            "POST", new Uri(address), Credentials(hasToken), "us-east-1", Time, TimeSpan.FromSeconds(seconds));
        Assert.Equal(expected, HttpUtility.ParseQueryString(signed.Query)["X-Amz-Signature"]);
    }

    [Theory]
    [InlineData("https://examplebucket.s3.amazonaws.com/test.txt", false, "df548e2ce037944d03f3e68682813b093763996d597cf890ca3d9037fd231eb4")]
    [InlineData("http://127.0.0.1:9000/bucket/a%20b/data", false, "8686eb6469a58130711fee8b46c79a6532541fcdb7763b47734e88d1b0ca4897")]
    [InlineData("https://examplebucket.s3.amazonaws.com/test.txt", true, "414158d4a733b168324bf2acb0bad5904693c598d669c5a63e30edbe7d445be1")]
    public void A_signature_in_headers_is_that_of_others(string address, bool hasToken, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        SignedRequests.Authorize(request, Credentials(hasToken), "us-east-1", Time);
        Assert.EndsWith($"Signature={expected}", Assert.Single(request.Headers.GetValues("Authorization")), StringComparison.Ordinal);
    }

    private static ImmutableCredentials Credentials(bool hasToken) => new(Key, Secret, hasToken ? Token : null);
}
