using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

namespace Blobs.Storage.S3;

/// <summary>
/// Signs requests for a limited time (AWS Signature Version 4, in the query). The SDK signs single objects only, and by
/// this host's clock; deletions are signed with the store's, and many at once.
/// </summary>
internal static class SignedRequests
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Unsigned = "UNSIGNED-PAYLOAD";

    /// <summary>Adds the signature to an address.</summary>
    /// <param name="method">The method, such as <c>POST</c>.</param>
    /// <param name="address">The address, whose query has one name without a value, such as <c>delete</c>.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="region">The region that the store has, or thinks it has.</param>
    /// <param name="from">From when on the request is valid, by the store's clock; in whole seconds.</param>
    /// <param name="lifetime">For how long.</param>
    public static Uri Sign(
        string method, Uri address, ImmutableCredentials credentials, string region, DateTimeOffset from, TimeSpan lifetime)
    {
        string time = from.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{time[..8]}/{region}/s3/aws4_request";
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Amz-Algorithm"] = Algorithm,
            ["X-Amz-Credential"] = $"{credentials.AccessKey}/{scope}",
            ["X-Amz-Date"] = time,
            ["X-Amz-Expires"] = ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            ["X-Amz-SignedHeaders"] = "host",
            [address.Query.TrimStart('?')] = "",
        };
        if (credentials.UseToken)
        {
            query["X-Amz-Security-Token"] = credentials.Token;
        }

        string names = string.Join('&', query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        string request = $"{method}\n{address.AbsolutePath}\n{names}\nhost:{address.Authority}\n\nhost\n{Unsigned}";
        string text = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        byte[] key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{credentials.SecretKey}"), Hash);
        return new Uri($"{address.GetLeftPart(UriPartial.Path)}?{names}&X-Amz-Signature={Convert.ToHexStringLower(Hash(key, text))}");
    }

    private static byte[] Hash(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
