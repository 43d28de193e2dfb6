using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

namespace Blobs.Storage.S3;

/// <summary>
/// Signs requests (AWS Signature Version 4) that the SDK does not make: those that are only good for a limited time, by
/// the store's clock, and those that have to cost little.
/// </summary>
internal static class SignedRequests
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Unsigned = "UNSIGNED-PAYLOAD";

    // The SHA-256 of nothing.
    private const string NoPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    // The key of the last day, region and secret.
    private static DayKey? _lastKey;

    /// <summary>Signs a request that has neither body nor query, in its headers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="region">The region that the store has, or thinks it has.</param>
    /// <param name="now">The store's time.</param>
    public static void Authorize(HttpRequestMessage request, ImmutableCredentials credentials, string region, DateTimeOffset now)
    {
        Uri address = request.RequestUri!;
        string time = TimeOf(now);
        string names = "host;x-amz-content-sha256;x-amz-date";
        string headers = $"host:{address.Authority}\nx-amz-content-sha256:{NoPayload}\nx-amz-date:{time}\n";
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", NoPayload);
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        if (credentials.UseToken)
        {
            names += ";x-amz-security-token";
            headers += $"x-amz-security-token:{credentials.Token}\n";
            request.Headers.TryAddWithoutValidation("x-amz-security-token", credentials.Token);
        }

        string canonical = $"{request.Method.Method}\n{address.AbsolutePath}\n\n{headers}\n{names}\n{NoPayload}";
        string scope = ScopeOf(time, region);
        string signature = SignatureOf(canonical, time, scope, credentials);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
    }

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
        string time = TimeOf(from);
        string scope = ScopeOf(time, region);
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
        string canonical = $"{method}\n{address.AbsolutePath}\n{names}\nhost:{address.Authority}\n\nhost\n{Unsigned}";
        string signature = SignatureOf(canonical, time, scope, credentials);
        return new Uri($"{address.GetLeftPart(UriPartial.Path)}?{names}&X-Amz-Signature={signature}");
    }

    private static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string ScopeOf(string time, string region) => $"{time[..8]}/{region}/s3/aws4_request";

    private static string SignatureOf(string canonical, string time, string scope, ImmutableCredentials credentials)
    {
        string text = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        return Convert.ToHexStringLower(Hash(KeyOf(scope, credentials.SecretKey), text));
    }

    private static byte[] KeyOf(string scope, string secret)
    {
        DayKey? last = Volatile.Read(ref _lastKey);
        if (last is null || last.Scope != scope || last.Secret != secret)
        {
            last = new DayKey(scope, secret, scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{secret}"), Hash));
            Volatile.Write(ref _lastKey, last);
        }

        return last.Key;
    }

    private static byte[] Hash(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private sealed record DayKey(string Scope, string Secret, byte[] Key);
}
