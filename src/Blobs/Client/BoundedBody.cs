using System.Runtime.CompilerServices;
using Blobs.Errors;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Client;

/// <summary>Reads a small answer whole, however much the other side would like to send.</summary>
internal static class BoundedBody
{
    private const int ChunkBytes = 16 << 10;

    /// <summary>The body of an answer, up to a limit of bytes.</summary>
    /// <exception cref="LimitExceededException">There is more.</exception>
    /// <exception cref="RegistryException">It ended early.</exception>
    public static async Task<byte[]> ReadAsync(
        RegistryRequest request,
        HttpResponseMessage response,
        string limit,
        int limitBytes,
        TimeSpan silence,
        CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > limitBytes)
        {
            Throw.LimitExceeded(limit, limitBytes, $"{request}: the answer");
        }

        try
        {
            return await ReadAsync(request, response.Content, limit, limitBytes, silence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryAnswer.Unreachable(request, fault);
        }
    }

    private static async Task<byte[]> ReadAsync(
        RegistryRequest request, HttpContent content, string limit, int limitBytes, TimeSpan silence, CancellationToken cancellationToken)
    {
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = stream.ConfigureAwait(false);
        using var patience = new Patience(silence, cancellationToken);
        using var body = new ArrayPoolBufferWriter<byte>();
        while (true)
        {
            int read = await patience.ReadAsync(stream, body.GetMemory(ChunkBytes)).ConfigureAwait(false);
            if (read == 0)
            {
                return body.WrittenSpan.ToArray();
            }

            body.Advance(read);
            if (body.WrittenCount > limitBytes)
            {
                Throw.LimitExceeded(limit, limitBytes, $"{request}: the answer");
            }
        }
    }
}
