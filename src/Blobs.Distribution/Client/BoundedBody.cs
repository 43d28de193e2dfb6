using System.Runtime.CompilerServices;
using Blobs.Errors;
using Blobs.Errors.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Distribution.Client;

/// <summary>Reads the whole body of a small answer, up to a limit.</summary>
internal static class BoundedBody
{
    private const int ChunkBytes = 16 << 10;

    /// <summary>The body of an answer.</summary>
    /// <exception cref="LimitExceededException">The body is longer.</exception>
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
            byte[] body = await ReadAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false),
                $"{request}: the answer", limit, limitBytes, silence, cancellationToken).ConfigureAwait(false);
            return ContentCoding.IsNamed(response) && !IsPlain(body)
                ? await ReadAsync(
                    ContentCoding.Decode(request, response, new MemoryStream(body, writable: false)),
                    $"{request}: the answer", limit, limitBytes, silence, cancellationToken).ConfigureAwait(false)
                : body;
        }
        catch (InvalidDataException)
        {
            throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer claims to be gzip and is not");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryAnswer.Unreachable(request, fault);
        }
    }

    // Some servers name an encoding and send plain JSON.
    private static bool IsPlain(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8) is [] or [(byte)'{' or (byte)'[', ..];

    private static async Task<byte[]> ReadAsync(
        Stream stream, string what, string limit, int limitBytes, TimeSpan silence, CancellationToken cancellationToken)
    {
        await using ConfiguredAsyncDisposable _ = stream.ConfigureAwait(false);
        using var timeout = new IdleTimeout(silence, cancellationToken);
        using var body = new ArrayPoolBufferWriter<byte>();
        while (true)
        {
            int read = await timeout.ReadAsync(stream, body.GetMemory(ChunkBytes)).ConfigureAwait(false);
            if (read == 0)
            {
                return body.WrittenSpan.ToArray();
            }

            body.Advance(read);
            if (body.WrittenCount > limitBytes)
            {
                Throw.LimitExceeded(limit, limitBytes, what);
            }
        }
    }
}
