namespace Blobs.Tests.Distribution.Client;

/// <summary>A response body that returns some bytes, and then ends in an abnormal way.</summary>
internal sealed class BrokenBody(byte[] bytes, BrokenBody.End end) : Stream
{
    private int _position;

    public enum End
    {
        /// <summary>The connection is reset.</summary>
        Reset,

        /// <summary>The connection is closed early, as if the body were complete.</summary>
        Early,

        /// <summary>No more bytes arrive, and the connection stays open.</summary>
        Silence,

        /// <summary>Zeros follow without end.</summary>
        Endless,
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = Math.Min(buffer.Length, bytes.Length - _position);
        bytes.AsMemory(_position, read).CopyTo(buffer);
        _position += read;
        if (read > 0 || buffer.IsEmpty)
        {
            return read;
        }

        switch (end)
        {
            case End.Reset:
                throw new IOException("connection reset by peer");
            case End.Silence:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return 0;
            case End.Endless:
                buffer.Span.Clear();
                return buffer.Length;
            default:
                return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
