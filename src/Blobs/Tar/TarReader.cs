using System.Buffers;
using System.Diagnostics;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <summary>
/// Reads V7, ustar, star, GNU and pax archives. The caller pushes the bytes in pieces of any size; the reader reports entries,
/// payload and framing to an <see cref="ITarSink"/>. Payload is not copied: the sink gets spans of the caller's memory.
/// </summary>
/// <remarks>
/// It accepts and rejects what Go's archive/tar does, because that decides which layers a container engine accepts. For the same
/// reason the records of a global extension are reported but not applied to later entries. Do not use a reader after an exception.
/// </remarks>
public sealed partial class TarReader : IDisposable
{
    // An archive is a sequence of 512-byte blocks. `_state` is the part that the next byte belongs to, `_remaining` the number of
    // its bytes that are still to come. `_gathered` buffers headers that the end of a push cuts, and the data of extension members;
    // everything else goes straight to the sink.
    private readonly ITarSink _sink;
    private readonly Limits _limits;
    private readonly TarEntry _entry = new();
    private readonly PaxRecords _pax = new();
    private readonly ArrayPoolBufferWriter<byte> _gathered = new(1024);
    private readonly ArrayPoolBufferWriter<byte> _longName = new(256);
    private readonly ArrayPoolBufferWriter<byte> _longLink = new(256);
    private State _state = State.Header;
    private long _remaining;
    private long _framingBytes;
    private int _padding;
    private bool _hasLongName;
    private bool _hasLongLink;

    /// <summary>Creates a reader for one archive.</summary>
    /// <param name="sink">Receives every entry and every byte.</param>
    /// <param name="limits">Limits for the archive; <see cref="Limits.Default"/> if null.</param>
    public TarReader(ITarSink sink, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _sink = sink;
        _limits = limits ?? Limits.Default;
    }

    private enum State
    {
        Header,
        Extension,
        OldSparseMap,
        SparseMap,
        Payload,
        Padding,
        SecondZeroBlock,
        Tail,
    }

    /// <summary>Bytes pushed so far.</summary>
    public long Offset { get; private set; }

    /// <summary>Entries reported so far.</summary>
    public long EntryCount { get; private set; }

    /// <summary>Payload bytes of the current entry that have not been pushed yet.</summary>
    public long PayloadRemaining => _state == State.Payload ? _remaining : 0;

    /// <summary>Reads the next bytes of the archive.</summary>
    /// <exception cref="MalformedDataException">The bytes are not a tar archive.</exception>
    /// <exception cref="LimitExceededException">An extension, a name or the number of entries exceeds its limit.</exception>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = _state switch
            {
                State.Payload => PushPayload(bytes),
                State.Padding => PushPadding(bytes),
                State.Tail => PushFraming(bytes),
                State.Extension => PushExtension(bytes),
                _ => PushBlock(bytes),
            };
            Offset += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Skips payload that the caller does not push, because it has used or skipped these bytes itself.</summary>
    public void SkipPayload(long count)
    {
        Debug.Assert(count <= PayloadRemaining, "Only payload can be skipped.");
        Offset += count;
        _remaining -= count;
        if (count > 0 && _remaining == 0)
        {
            EndEntry();
        }
    }

    /// <summary>Ends the archive. One without an end marker is complete at any block boundary, and the padding after the last payload
    /// may be missing.</summary>
    /// <exception cref="MalformedDataException">The archive ends inside a header or a payload.</exception>
    public void Complete()
    {
        bool isBoundary = _state is State.Header or State.SecondZeroBlock && _gathered.WrittenCount == 0;
        if (_state == State.Tail)
        {
            return;
        }

        if (!isBoundary && _state != State.Padding)
        {
            string where = _state == State.Payload
                ? $"inside the content of {Printable.Quote(_entry.Name)}, {_remaining} bytes short"
                : "inside a header";
            Throw.Malformed(Fault.TarTruncated, Offset, $"tar: the archive ends {where}");
        }

        _state = State.Tail;
        _sink.EndOfArchive();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entry.Dispose();
        _pax.Dispose();
        _gathered.Dispose();
        _longName.Dispose();
        _longLink.Dispose();
    }

    private int PushPayload(ReadOnlySpan<byte> bytes)
    {
        int taken = (int)Math.Min(bytes.Length, _remaining);
        _sink.Payload(bytes[..taken]);
        _remaining -= taken;
        if (_remaining == 0)
        {
            EndEntry();
        }

        return taken;
    }

    private int PushPadding(ReadOnlySpan<byte> bytes)
    {
        int taken = (int)Math.Min(bytes.Length, _remaining);
        Frame(bytes[..taken]);
        _remaining -= taken;
        if (_remaining == 0)
        {
            _state = State.Header;
        }

        return taken;
    }

    private int PushFraming(ReadOnlySpan<byte> bytes)
    {
        _sink.Framing(bytes);
        return bytes.Length;
    }

    // For states that need a whole block: read it in place if the push has all of it, otherwise gather it.
    private int PushBlock(ReadOnlySpan<byte> bytes)
    {
        int gathered = _state == State.SparseMap ? (int)(_gathered.WrittenCount & (TarLayout.BlockBytes - 1))
            : _gathered.WrittenCount;
        int taken = Math.Min(bytes.Length, TarLayout.BlockBytes - gathered);
        Frame(bytes[..taken]);
        if (_state == State.SparseMap)
        {
            _gathered.Write(bytes[..taken]);
            if (gathered + taken == TarLayout.BlockBytes)
            {
                TakeSparseMapBlock();
            }

            return taken;
        }

        if (taken == TarLayout.BlockBytes)
        {
            TakeBlock(bytes[..taken], Offset);
            return taken;
        }

        _gathered.Write(bytes[..taken]);
        if (gathered + taken == TarLayout.BlockBytes)
        {
            Span<byte> block = stackalloc byte[TarLayout.BlockBytes];
            _gathered.WrittenSpan.CopyTo(block);
            _gathered.Clear();
            TakeBlock(block, Offset - gathered);
        }

        return taken;
    }

    private void TakeBlock(ReadOnlySpan<byte> block, long offset)
    {
        switch (_state)
        {
            case State.OldSparseMap:
                TakeOldSparseContinuation(block);
                break;
            case State.SecondZeroBlock:
                if (!IsZero(block))
                {
                    Throw.Malformed(
                        Fault.TarLoneZeroBlock, offset, "tar: a single zero block is followed by a block that is not zero");
                }

                _state = State.Tail;
                _sink.EndOfArchive();
                break;
            default:
                Debug.Assert(_state == State.Header, "No other state reads blocks.");
                if (IsZero(block))
                {
                    _state = State.SecondZeroBlock;
                }
                else
                {
                    TakeHeader(block, offset);
                }

                break;
        }
    }

    private void TakeHeader(ReadOnlySpan<byte> block, long offset)
    {
        TarHeader.Read(block, offset, _entry);
        switch ((byte)_entry.Type)
        {
            case (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K':
                BeginExtension(offset);
                break;
            default:
                TakeMember(block, offset);
                break;
        }
    }

    // Order of the merge: header fields, pax records, GNU long name and link.
    private void TakeMember(ReadOnlySpan<byte> block, long offset)
    {
        if (!_pax.IsEmpty)
        {
            _pax.MergeInto(_entry);
        }

        if (_hasLongName)
        {
            _entry.SetName([], _longName.WrittenSpan);
        }

        if (_hasLongLink)
        {
            _entry.SetLinkName(_longLink.WrittenSpan);
        }

        if (_entry.Type == 0)
        {
            // Before ustar, a directory was a file whose name ended in a slash.
            _entry.Type = _entry.Name.EndsWith("/"u8) ? TarEntryType.Directory : TarEntryType.File;
        }

        bool isHeaderOnly = TarHeader.IsHeaderOnly(_entry.Type);
        _entry.StoredBytes = isHeaderOnly ? 0 : _entry.Size;
        if (_entry.StoredBytes < 0)
        {
            Throw.Malformed(Fault.TarSize, offset, $"tar: {Printable.Quote(_entry.Name)} has a size of {_entry.Size}");
        }

        if (_entry.StoredBytes > _limits.UncompressedBytes)
        {
            Throw.LimitExceeded(
                nameof(Limits.UncompressedBytes), _limits.UncompressedBytes, $"tar: {Printable.Quote(_entry.Name)}");
        }

        _padding = TarLayout.PaddingOf(_entry.StoredBytes);
        if (_entry.Type == TarEntryType.GnuSparse)
        {
            BeginOldSparse(block, offset);
        }
        else if (_pax.IsEmpty || _pax.SparseForm == SparseForm.None)
        {
            BeginEntry();
        }
        else
        {
            BeginPaxSparse(isHeaderOnly, offset);
        }
    }

    private void BeginEntry()
    {
        if (_entry.Name.Length > _limits.NameBytes || _entry.LinkName.Length > _limits.NameBytes)
        {
            Throw.LimitExceeded(nameof(Limits.NameBytes), _limits.NameBytes, $"tar: {Printable.Quote(_entry.Name)}");
        }

        if (++EntryCount > _limits.Entries)
        {
            Throw.LimitExceeded(nameof(Limits.Entries), _limits.Entries, "tar: the number of entries");
        }

        _pax.Clear();
        _hasLongName = false;
        _hasLongLink = false;
        _framingBytes = 0;
        _sink.Entry(_entry);
        _remaining = _entry.StoredBytes;
        _state = State.Payload;
        if (_remaining == 0)
        {
            EndEntry();
        }
    }

    private void EndEntry()
    {
        _sink.EndEntry();
        BeginPadding();
    }

    private void BeginPadding()
    {
        _remaining = _padding;
        _state = _padding > 0 ? State.Padding : State.Header;
    }

    private void Frame(ReadOnlySpan<byte> bytes)
    {
        _framingBytes += bytes.Length;
        if (_framingBytes > _limits.FramingBytes)
        {
            Throw.LimitExceeded(nameof(Limits.FramingBytes), _limits.FramingBytes, "tar: extensions before one entry");
        }

        _sink.Framing(bytes);
    }

    private static bool IsZero(ReadOnlySpan<byte> block) => block[0] == 0 && !block.ContainsAnyExcept((byte)0);
}
