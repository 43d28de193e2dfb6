using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Blobs.Load;

/// <summary>One blocking HTTP connection to each host of a registry, hand-written so that the load generator uses little of
/// the processors it shares. Each request goes to the next host.</summary>
internal sealed class RegistryConnection : IDisposable
{
    // The chunk size of Go's HTTP client, and so of dockerd and skopeo.
    private const int ChunkBytes = 32 << 10;
    private const int ReadBytes = 256 << 10;

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly Socket[] _sockets;
    private readonly string _repository;
    private readonly byte[] _buffer = new byte[ReadBytes];
    private Socket _socket;
    private int _buffered;
    private int _asked;

    public RegistryConnection(IReadOnlyList<IPEndPoint> hosts, string repository)
    {
        _repository = repository;
        _sockets = [.. hosts.Select(Connect)];
        _socket = _sockets[0];
    }

    /// <summary>Pushes as dockerd and skopeo do: POST, one PATCH with everything, PUT.</summary>
    public void Push(Blob blob, bool isChunked)
    {
        Ask("POST", $"/v2/{_repository}/blobs/uploads/", "Content-Length: 0\r\n");
        string upload = Answer(202).Location;
        string framing = isChunked ? "Transfer-Encoding: chunked\r\n" : $"Content-Length: {blob.Length}\r\n";
        Ask("PATCH", upload, $"Content-Type: application/octet-stream\r\n{framing}");
        if (isChunked)
        {
            SendChunk(blob.Head);
            for (int offset = 0; offset < blob.Rest.Length; offset += ChunkBytes)
            {
                SendChunk(blob.Rest.Slice(offset, Math.Min(ChunkBytes, blob.Rest.Length - offset)));
            }

            Send(LastChunk);
        }
        else
        {
            Send(blob.Head);
            Send(blob.Rest.Span);
        }

        upload = Answer(202).Location;
        char separator = upload.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        Ask("PUT", $"{upload}{separator}digest={blob.Digest}", "Content-Length: 0\r\n");
        Answer(201);
    }

    /// <summary>Pulls a blob and hashes every byte, as a client must.</summary>
    public void Pull(Blob blob)
    {
        Ask("GET", $"/v2/{_repository}/blobs/{blob.Digest}", "");
        long length = Answer(200).Length;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_buffer.AsSpan(0, _buffered));
        long left = length - _buffered;
        _buffered = 0;
        while (left > 0)
        {
            int read = _socket.Receive(_buffer);
            hash.AppendData(_buffer.AsSpan(0, read));
            left = read > 0 ? left - read : throw new InvalidDataException($"{blob.Digest}: ended early, {left} bytes are missing");
        }

        string found = $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
        if (found != blob.Digest)
        {
            throw new InvalidDataException($"expected {blob.Digest}, found {found}");
        }
    }

    public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());

    private static Socket Connect(IPEndPoint host)
    {
        var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(host);
        return socket;
    }

    private void Ask(string method, string target, string headers)
    {
        _socket = _sockets[_asked++ % _sockets.Length];

        // The host is known: drop it from an absolute location.
        string path = target.StartsWith('/') ? target : new Uri(target).PathAndQuery;
        Send(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {_socket.RemoteEndPoint}\r\n{headers}\r\n"));
    }

    private (string Location, long Length) Answer(int expected)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _buffered).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int read = _socket.Receive(_buffer.AsSpan(_buffered));
            _buffered += read > 0 ? read : throw new InvalidDataException("the registry closed the connection");
        }

        string[] lines = Encoding.ASCII.GetString(_buffer, 0, end).Split("\r\n");
        _buffered -= end + 4;
        _buffer.AsSpan(end + 4, _buffered).CopyTo(_buffer);
        if (!lines[0].StartsWith($"HTTP/1.1 {expected}", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"expected {expected}, found {lines[0]}");
        }

        return (Header(lines, "location") ?? "", long.Parse(Header(lines, "content-length") ?? "0", CultureInfo.InvariantCulture));
    }

    private static string? Header(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private void SendChunk(ReadOnlyMemory<byte> data)
    {
        byte[] size = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{data.Length:x}\r\n"));
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data, out ArraySegment<byte> bytes);
        var parts = new List<ArraySegment<byte>> { size, bytes, LineEnd };
        int total = size.Length + data.Length + LineEnd.Length;
        int sent = _socket.Send(parts);
        if (sent < total)
        {
            // A blocking socket sends everything unless a signal interrupts it.
            throw new InvalidDataException($"sent {sent} of {total} bytes");
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }
}
