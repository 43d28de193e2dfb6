using System.Text;

namespace Blobs.Storage.S3;

/// <summary>Finds out what a store does with conditional writes, by writing a small object of its own.</summary>
internal static class S3Probe
{
    private const string WrongETag = "00000000000000000000000000000000";

    private const int AttemptsMax = 3;

    /// <param name="client">The store.</param>
    /// <param name="newKey">Makes keys that nobody else uses.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<S3Conditions> RunAsync(S3Client client, Func<string> newKey, CancellationToken cancellationToken)
    {
        // A write whose answer was lost is refused when it is sent again: that looks as if the store kept no conditions.
        S3Conditions found = S3Conditions.None;
        for (int attempt = 0; attempt < AttemptsMax && !found.AreKept; attempt++)
        {
            found = await TryAsync(client, newKey(), cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    private static async Task<S3Conditions> TryAsync(S3Client client, string key, CancellationToken cancellationToken)
    {
        try
        {
            string? first = await client.TryConditionAsync(key, Text("first"), null, cancellationToken).ConfigureAwait(false);
            if (first is null || !await IsRefusedAsync(client, key, null, cancellationToken).ConfigureAwait(false))
            {
                return S3Conditions.None;
            }

            foreach (bool isQuoted in (bool[])[false, true])
            {
                client.Conditions = new S3Conditions(AreKept: true, isQuoted);
                if (await client.TryConditionAsync(key, Text("second"), first, cancellationToken).ConfigureAwait(false) is null)
                {
                    continue;
                }

                return await IsRefusedAsync(client, key, WrongETag, cancellationToken).ConfigureAwait(false)
                    ? client.Conditions
                    : S3Conditions.None;
            }

            return S3Conditions.None;
        }
        finally
        {
            await client.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IsRefusedAsync(S3Client client, string key, string? etag, CancellationToken cancellationToken) =>
        await client.TryConditionAsync(key, Text("other"), etag, cancellationToken).ConfigureAwait(false) is null;

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
