using System.Globalization;
using System.Net;

namespace Blobs.Interop.Oracles;

/// <summary>A client that pushes in chunks, and repeats what fails: it asks how far an upload has come, goes on there, or
/// begins again when the upload is gone.</summary>
internal sealed class PatientClient(HttpClient client, string repository, Random random)
{
    private const int Attempts = 200;
    private const int ChunkBytesMax = 1 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _repeats;

    /// <summary>How often something had to be repeated.</summary>
    public int Repeats => _repeats;

    /// <summary>Pushes blobs side by side, then the manifest.</summary>
    public async Task PushAsync(byte[][] blobs, byte[] manifest, string tag)
    {
        await Task.WhenAll(blobs.Select(PushBlobAsync));
        await RepeatAsync(async () =>
        {
            using var document = new ByteArrayContent(manifest);
            document.Headers.TryAddWithoutValidation("Content-Type", "application/vnd.oci.image.manifest.v1+json");
            HttpResponseMessage put = await client.PutAsync($"/v2/{repository}/manifests/{tag}", document);
            await RequireAsync(put, HttpStatusCode.Created);
        });
    }

    /// <summary>Reads a blob, a manifest or anything else whole.</summary>
    public async Task<byte[]> ReadAsync(string path)
    {
        byte[] content = [];
        await RepeatAsync(async () =>
        {
            using HttpResponseMessage response = await client.GetAsync($"/v2/{repository}/{path}");
            await RequireAsync(response, HttpStatusCode.OK);
            content = await response.Content.ReadAsByteArrayAsync();
        });
        return content;
    }

    private async Task PushBlobAsync(byte[] blob)
    {
        string digest = Sha256Text.Of(blob);
        string? location = null;
        await RepeatAsync(async () =>
        {
            long offset = 0;
            if (location is not null)
            {
                using HttpResponseMessage status = await client.GetAsync(location);
                location = status.StatusCode == HttpStatusCode.NotFound ? null : location;
                if (location is not null)
                {
                    await RequireAsync(status, HttpStatusCode.NoContent);
                    offset = OffsetOf(status);
                }
            }

            if (location is null)
            {
                using HttpResponseMessage begun = await client.PostAsync($"/v2/{repository}/blobs/uploads/", null);
                await RequireAsync(begun, HttpStatusCode.Accepted);
                location = begun.Headers.Location!.OriginalString;
            }

            while (offset < blob.Length)
            {
                offset = await AppendAsync(location, blob, offset);
            }

            using HttpResponseMessage put = await client.PutAsync($"{location}?digest={digest}", null);
            if (put.StatusCode == HttpStatusCode.NotFound)
            {
                location = null;
            }

            await RequireAsync(put, HttpStatusCode.Created);
        });
    }

    private async Task<long> AppendAsync(string location, byte[] blob, long offset)
    {
        int length;
        lock (random)
        {
            length = (int)Math.Min(blob.Length - offset, random.Next(1, ChunkBytesMax));
        }

        using var chunk = new ByteArrayContent(blob, (int)offset, length);
        chunk.Headers.TryAddWithoutValidation("Content-Range", $"{offset}-{offset + length - 1}");
        using HttpResponseMessage patch = await client.PatchAsync(location, chunk);
        await RequireAsync(patch, HttpStatusCode.Accepted);
        return OffsetOf(patch);
    }

    // An empty upload and one of a single byte look alike; the tests' blobs are longer.
    private static long OffsetOf(HttpResponseMessage response)
    {
        long last = long.Parse(response.Headers.GetValues("Range").Single().Split('-')[1], CultureInfo.InvariantCulture);
        return last == 0 ? 0 : last + 1;
    }

    // What may be repeated: the host is gone or busy, or another one has got further. Anything else is a fault of the registry.
    private static async Task RequireAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode == expected)
        {
            return;
        }

        string text = $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri}: {(int)response.StatusCode} "
            + await response.Content.ReadAsStringAsync();
        bool mayRepeat = response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.NotFound && text.Contains("BLOB_UPLOAD_UNKNOWN", StringComparison.Ordinal));
        throw mayRepeat ? new HttpRequestException(text) : new InvalidOperationException(text);
    }

    private async Task RepeatAsync(Func<Task> work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException && attempt < Attempts)
            {
                Interlocked.Increment(ref _repeats);
                await Task.Delay(Pause);
            }
        }
    }
}
