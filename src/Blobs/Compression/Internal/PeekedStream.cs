using System.ComponentModel;
using Blobs.Streams;

namespace Blobs.Compression.Internal;

/// <summary>A stream whose first bytes can be examined before it is read, to detect its format.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PeekedStream(Stream source, bool leaveOpen = false) : ReadOnlyStream
{
    private byte[] _prefix = [];
    private int _position;

    /// <summary>The first bytes; fewer if the stream is shorter. Call it at most once, before reading.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[count];
        int read = await source.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        _prefix = bytes[..read];
        return _prefix;
    }

    public override int Read(Span<byte> buffer) => TakePrefix(buffer) is > 0 and int taken ? taken : source.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        TakePrefix(buffer.Span) is > 0 and int taken ? ValueTask.FromResult(taken) : source.ReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int TakePrefix(Span<byte> buffer)
    {
        int taken = Math.Min(buffer.Length, _prefix.Length - _position);
        _prefix.AsSpan(_position, taken).CopyTo(buffer);
        _position += taken;
        return taken;
    }
}
