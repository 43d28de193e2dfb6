using System.Text;

namespace Blobs.Storage.S3;

/// <summary>Finds out what a store does with conditional writes, by writing a small object of its own.</summary>
internal static class S3Probe
{
    private const string WrongETag = "00000000000000000000000000000000";

    public static async Task<S3Conditions> RunAsync(S3Client client, string key, CancellationToken cancellationToken)
    {
        try
        {
            string? first = await client.TryConditionAsync(key, Text("first"), null, cancellationToken).ConfigureAwait(false);
            if (first is null || await client.TryConditionAsync(key, Text("again"), null, cancellationToken).ConfigureAwait(false) is not null)
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

                bool isRefused = await client.TryConditionAsync(key, Text("third"), WrongETag, cancellationToken).ConfigureAwait(false) is null;
                return isRefused ? client.Conditions : S3Conditions.None;
            }

            return S3Conditions.None;
        }
        finally
        {
            await client.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
}
