using System.ComponentModel;
using Blobs.Hashing.Internal;
using Blobs.Streams;

namespace Blobs.Trees.Internal;

/// <summary>A layer's tar as a stream. It is hashed as it is read, and its end is reported only after the DiffID has
/// been verified. Owns the tar.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RecordedTarStream(RecordedTar tar) : ReadOnlyStream
{
    private readonly Sha256Hasher _hasher = new();
    private bool _isVerified;

    /// <inheritdoc/>
    public override long Position => tar.Offset;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = tar.Read(buffer);
        if (read > 0)
        {
            _hasher.Append(buffer[..read]);
        }
        else if (!buffer.IsEmpty && !_isVerified)
        {
            tar.Verify(_hasher.FinishDiffId());
            _isVerified = true;
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            tar.Dispose();
            _hasher.Dispose();
        }

        base.Dispose(disposing);
    }
}
