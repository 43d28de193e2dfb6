using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Streams;

namespace Blobs.Distribution.Client;

/// <summary>
/// A blob as one stream over as many connections as it takes. When a connection is cut, the rest is requested (RFC 9110,
/// 14.2), and the reader does not notice. The stream gives exactly the expected number of bytes, or fails; the reader
/// checks the digest. When a server does not support ranges, the whole blob is requested again and the bytes already
/// delivered are skipped. When a mirror fails, the next server continues where it stopped.
/// </summary>
/// <param name="servers">Where the blob is; the next is asked when one fails for good.</param>
/// <param name="length">The blob's length.</param>
/// <param name="offset">The first byte to deliver.</param>
internal sealed class ResumingStream(IReadOnlyList<BlobServer> servers, long length, long offset) : ReadOnlyStream
{
    // A connection that was cut before it delivered this much counts as a failed attempt.
    private const long ProgressBytes = 1 << 20;

    private HttpResponseMessage? _response;
    private Stream? _source;
    private long _position = offset;
    private long _lastCut = offset;
    private int _cuts;
    private bool _isEnded;
    private bool _hasNoRanges;
    private int _server;
    private RegistryRequest? _request;

    public override long Length => length;

    public override long Position => _position;

    private RegistryConnection Connection => servers[_server].Connection;

    /// <summary>Connects and requests the bytes from the current position, unless that is done.</summary>
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
            catch (BlobsException fault) when (TryNext(fault))
            {
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _isEnded)
        {
            return 0;
        }

        using var timeout = new IdleTimeout(Connection.Options.IdleTimeout, cancellationToken);
        while (true)
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (_isEnded)
            {
                return 0;
            }

            try
            {
                int read = await timeout.ReadAsync(_source!, buffer).ConfigureAwait(false);
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
        throw new NotSupportedException("read a connection asynchronously");

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
            // A range of no bytes would be refused.
            _isEnded = true;
            return;
        }

        _request = await servers[_server].FindAsync(cancellationToken).ConfigureAwait(false);
        RegistryRequest rest = _request with { Offset = _hasNoRanges ? 0 : _position };
        HttpStatusCode[] expected = rest.Offset > 0
            ? [HttpStatusCode.OK, HttpStatusCode.PartialContent, HttpStatusCode.RequestedRangeNotSatisfiable]
            : [HttpStatusCode.OK, HttpStatusCode.PartialContent];
        _response = await Connection.SendAsync(rest, cancellationToken, expected).ConfigureAwait(false);
        long start = Start(rest, _response);
        long? promised = _response.Content.Headers.ContentLength;
        Stream source = await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (ContentCoding.IsNamed(_response) && start + promised != length)
        {
            // A range of an encoded blob makes no sense. When the length is right, the header is wrong: the blob itself
            // is a gzip.
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
            // A connection that was read to its end can be reused.
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
        if (_cuts > Connection.Retry.Retries)
        {
            RegistryException failure = RegistryAnswer.Unreachable(_request!, fault);
            if (!TryNext(failure))
            {
                throw failure;
            }
        }
    }

    private bool TryNext(BlobsException fault)
    {
        Disconnect();
        if (_server + 1 == servers.Count)
        {
            return false;
        }

        Connection.LeaveMirror(fault);
        (_server, _cuts, _hasNoRanges) = (_server + 1, 0, false);
        return true;
    }

    private void Disconnect()
    {
        _source?.Dispose();
        _source = null;
        _response?.Dispose();
        _response = null;
    }

    // The whole blob is a valid answer to a range request; then the known bytes are read again.
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
        using var timeout = new IdleTimeout(Connection.Options.IdleTimeout, cancellationToken);
        byte[] skipped = bytes > 0 ? new byte[SkipBytes] : [];
        while (bytes > 0)
        {
            int read = await timeout.ReadAsync(source, skipped.AsMemory(0, (int)Math.Min(bytes, SkipBytes))).ConfigureAwait(false);
            bytes = read > 0 ? bytes - read : throw new EndOfStreamException("the connection ended before any new bytes");
        }
    }
}
