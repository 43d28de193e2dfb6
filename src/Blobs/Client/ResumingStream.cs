using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Streams;

namespace Blobs.Client;

/// <summary>
/// A blob as one stream over as many connections as it takes. A cut in the middle is followed by a request for the rest (RFC 9110,
/// 14.2), and the reader goes on as if nothing had happened. Gives exactly as many bytes as were promised, or fails; what
/// bytes they are is its reader's to check.
/// </summary>
internal sealed class ResumingStream(RegistryConnection connection, RegistryRequest request, long length, long offset) : ReadOnlyStream
{
    // A connection that brought less than this before it was cut counts as a failed try.
    private const long ProgressBytes = 1 << 20;

    private HttpResponseMessage? _response;
    private Stream? _source;
    private long _position = offset;
    private long _lastCut = offset;
    private int _cuts;
    private bool _isEnded;

    public override long Length => length;

    public override long Position => _position;

    /// <summary>Asks for the bytes from here on, if that has not been done.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ConnectAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception fault) when (RetryPolicy.IsTransient(fault))
            {
                Cut(fault);
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _isEnded)
        {
            return 0;
        }

        using var patience = new Patience(connection.Options.Silence, cancellationToken);
        while (true)
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (_isEnded)
            {
                return 0;
            }

            try
            {
                int read = await patience.ReadAsync(_source!, buffer).ConfigureAwait(false);
                if (read > 0 || _position == length)
                {
                    return Take(read);
                }

                Cut(new EndOfStreamException($"the connection ended after {_position} of {length} bytes"));
            }
            catch (Exception fault) when (RetryPolicy.IsTransient(fault))
            {
                if (_position == length)
                {
                    return Take(0);
                }

                Cut(fault);
            }
        }
    }

    public override int Read(Span<byte> buffer) =>
        throw new NotSupportedException("a connection is awaited, never blocked on");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Disconnect();
        }

        base.Dispose(disposing);
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_source is not null)
        {
            return;
        }

        if (_position == length && length > 0)
        {
            // A request for nothing would be refused.
            _isEnded = true;
            return;
        }

        RegistryRequest rest = request with { Offset = _position };
        _response = await connection.SendAsync(
            rest, cancellationToken, HttpStatusCode.OK, HttpStatusCode.PartialContent).ConfigureAwait(false);
        long start = Start(rest, _response);
        long? promised = _response.Content.Headers.ContentLength;
        if (promised is { } bytes && start + bytes != length)
        {
            throw new DigestMismatchException("blob length", $"{length} bytes", $"{start + bytes} bytes", _position);
        }

        Stream source = await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await SkipAsync(source, _position - start, cancellationToken).ConfigureAwait(false);
        _source = source;
    }

    private int Take(int read)
    {
        _position += read;
        if (_position > length)
        {
            throw new DigestMismatchException("blob length", $"{length} bytes", "more", _position);
        }

        if (read == 0)
        {
            // Read to its end, a connection can serve the next request.
            _isEnded = true;
            Disconnect();
        }

        return read;
    }

    private void Cut(Exception fault)
    {
        Disconnect();
        _cuts = _position - _lastCut >= ProgressBytes ? 1 : _cuts + 1;
        _lastCut = _position;
        if (_cuts > connection.Retry.Retries)
        {
            throw RegistryAnswer.Unreachable(request, fault);
        }
    }

    private void Disconnect()
    {
        _source?.Dispose();
        _source = null;
        _response?.Dispose();
        _response = null;
    }

    // Whole blobs are a legal answer to a request for a part; then what is known already is read once more.
    private static long Start(RegistryRequest rest, HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return 0;
        }

        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        return range?.From is { } from && from == rest.Offset
            ? from
            : throw new MalformedDataException(
                Fault.RegistryAnswer, rest.Offset, $"{rest}: asked for bytes from {rest.Offset}, got {range?.ToString() ?? "some"}");
    }

    private async ValueTask SkipAsync(Stream source, long bytes, CancellationToken cancellationToken)
    {
        const int SkipBytes = 64 << 10;
        using var patience = new Patience(connection.Options.Silence, cancellationToken);
        byte[] skipped = bytes > 0 ? new byte[SkipBytes] : [];
        while (bytes > 0)
        {
            int read = await patience.ReadAsync(source, skipped.AsMemory(0, (int)Math.Min(bytes, SkipBytes))).ConfigureAwait(false);
            bytes = read > 0 ? bytes - read : throw new EndOfStreamException("the connection ended before it came to new bytes");
        }
    }
}
