using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Streams;

namespace Blobs.Client;

/// <summary>
/// A blob as one stream over as many connections as it takes. A cut in the middle is followed by a request for the rest (RFC 9110,
/// 14.2), and the reader goes on as if nothing had happened. Gives exactly as many bytes as were promised, or fails; what
/// bytes they are is its reader's to check. A server that does not give the rest is asked for everything, and what was delivered
/// already is skipped.
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
    private bool _hasNoRanges;

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
            catch (Exception fault) when (RetryPolicy.IsTransient(fault) || fault is InvalidDataException)
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
            catch (Exception fault) when (RetryPolicy.IsTransient(fault) || fault is InvalidDataException)
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

        RegistryRequest rest = request with { Offset = _hasNoRanges ? 0 : _position };
        HttpStatusCode[] expected = rest.Offset > 0
            ? [HttpStatusCode.OK, HttpStatusCode.PartialContent, HttpStatusCode.RequestedRangeNotSatisfiable]
            : [HttpStatusCode.OK, HttpStatusCode.PartialContent];
        _response = await connection.SendAsync(rest, cancellationToken, expected).ConfigureAwait(false);
        long start = Start(rest, _response);
        long? promised = _response.Content.Headers.ContentLength;
        Stream source = await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (ContentCoding.IsNamed(_response) && start + promised != length)
        {
            // Of an encoded blob no part can be asked for. One of the right length only says that it is encoded: the blob is a gzip.
            _hasNoRanges = true;
            source = ContentCoding.Decode(rest, _response, source);
        }
        else if (start + promised is { } end && (_response.StatusCode == HttpStatusCode.OK ? end != length : end > length))
        {
            throw new DigestMismatchException("blob length", $"{length} bytes", $"{end} bytes", _position);
        }

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
    private long Start(RegistryRequest rest, HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return 0;
        }

        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        bool isRest = response.StatusCode == HttpStatusCode.PartialContent && range?.From == rest.Offset
            && range.Length.GetValueOrDefault(length) == length && !ContentCoding.IsNamed(response);
        if (isRest)
        {
            return rest.Offset;
        }

        string got = response.StatusCode == HttpStatusCode.PartialContent ? $"{range?.ToString() ?? "some"}" : "416";
        if (rest.Offset == 0)
        {
            throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{rest}: asked for all bytes, got {got}");
        }

        _hasNoRanges = true;
        throw new IOException($"asked for bytes from {rest.Offset}, got {got}");
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
