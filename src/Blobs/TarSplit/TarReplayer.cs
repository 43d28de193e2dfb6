using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.TarSplit;

/// <summary>
/// Rebuilds an archive bit for bit from its recording and its unpacked tree. It checks the size and CRC-64 of every file on the way.
/// The caller must still hash the result: only the DiffID covers the framing as well.
/// </summary>
public sealed class TarReplayer(TarSplitReader recording, IFileSource tree) : ITarSource
{
    private readonly Crc64 _crc64 = new();
    private int _segmentPosition;
    private long _fileRemaining;
    private bool _isInFile;
    private bool _isInSegment;
    private long _offset;

    /// <summary>Bytes of the archive returned so far.</summary>
    public long Offset => _offset;

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">The recording does not parse, or a file's content has changed.</exception>
    public int Read(Span<byte> target)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            Span<byte> room = target[filled..];
            if (_isInSegment)
            {
                int copied = ReadSegment(room);
                filled += copied;
                _offset += copied;
            }
            else if (_isInFile)
            {
                int read = ReadFile(room);
                filled += read;
                _offset += read;
            }
            else if (!BeginNext())
            {
                break;
            }
        }

        return filled;
    }

    private bool BeginNext()
    {
        if (!recording.Read())
        {
            return false;
        }

        if (recording.Kind == TarSplitEntryKind.Segment)
        {
            _segmentPosition = 0;
            _isInSegment = true;
        }
        else if (recording.Kind == TarSplitEntryKind.File && recording.Size > 0)
        {
            tree.Open(recording.Name);
            _fileRemaining = recording.Size;
            _crc64.Reset();
            _isInFile = true;
        }

        return true;
    }

    private int ReadSegment(Span<byte> room)
    {
        ReadOnlySpan<byte> rest = recording.Payload[_segmentPosition..];
        int copied = Math.Min(rest.Length, room.Length);
        rest[..copied].CopyTo(room);
        _segmentPosition += copied;
        _isInSegment = copied < rest.Length;
        return copied;
    }

    // The recorded size does not limit the read, so that a file that has grown is noticed.
    private int ReadFile(Span<byte> room)
    {
        int read = tree.Read(room);
        if (read > 0)
        {
            _fileRemaining -= read;
            _crc64.Append(room[..read]);
            if (_fileRemaining < 0)
            {
                throw Changed($"is longer than the {recording.Size} bytes recorded");
            }

            // A regular file returns less than requested only at its end, which saves a read per file.
            if (_fileRemaining > 0 || read == room.Length)
            {
                return read;
            }
        }

        EndFile();
        return read;
    }

    private void EndFile()
    {
        _isInFile = false;
        if (_fileRemaining > 0)
        {
            throw Changed($"is {recording.Size - _fileRemaining} bytes long, but {recording.Size} were recorded");
        }

        if (_crc64.Value != recording.Crc64)
        {
            throw Changed($"has CRC-64 {_crc64.Value:x16}, but {recording.Crc64:x16} was recorded");
        }
    }

    private MalformedDataException Changed(string how) =>
        new(Fault.TarSplitChecksum, _offset, $"tar-split: {Printable.Quote(recording.Name)} {how} (at byte {_offset} of the tar)");
}
