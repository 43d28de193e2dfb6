using System.Buffers;
using System.Diagnostics;
using Blobs.Errors;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <summary>
/// Reads V7, ustar, star, GNU and pax archives as they are pushed in, in pieces of any size, and tells an
/// <see cref="ITarSink"/> what each byte is. Payload is never copied: the sink sees the caller's own memory.
/// </summary>
/// <remarks>
/// It accepts and refuses what Go's archive/tar does, as that decides which layers a container engine takes. So the records of
/// a global extension are reported, but not applied to later entries. After an exception the reader is of no further use.
/// </remarks>
public sealed partial class TarReader : IDisposable
{
    // The archive is a row of 512-byte blocks. `_state` says what the next byte belongs to and `_remaining` how many bytes
    // of that are still to come. Headers that are cut by the end of a push, and the data of extension members, collect
    // in `_gathered`; everything else passes straight through.
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

    /// <summary>Makes a reader that has read nothing.</summary>
    /// <param name="sink">Told of every entry and every byte.</param>
    /// <param name="limits">What the archive may demand; <see cref="Limits.Default"/> when null.</param>
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

    /// <summary>Bytes of the present entry's payload that have not been pushed yet.</summary>
    internal long PayloadRemaining => _state == State.Payload ? _remaining : 0;

    /// <summary>Takes the next bytes of the archive, all of them.</summary>
    /// <exception cref="MalformedDataException">The bytes are not a tar archive.</exception>
    /// <exception cref="LimitExceededException">An extension, a name or the number of entries is over its limit.</exception>
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

    /// <summary>Says that the next bytes of the payload went by without being pushed: somebody else read them, or nobody.</summary>
    internal void SkipPayload(long count)
    {
        Debug.Assert(count <= PayloadRemaining, "Only payload can be skipped.");
        Offset += count;
        _remaining -= count;
        if (count > 0 && _remaining == 0)
        {
            EndEntry();
        }
    }

    /// <summary>Says that no byte follows. An archive without an end marker is complete at any block boundary; missing padding
    /// behind the last payload is accepted too.</summary>
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

    // States whose unit is one block: read where it stands if it is whole, else gather it.
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
                        Fault.TarLoneZeroBlock, offset, "tar: a lone zero block is followed by one that is not zero");
                }

                _state = State.Tail;
                _sink.EndOfArchive();
                break;
            default:
                Debug.Assert(_state == State.Header, "Only headers are left.");
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
            // Before ustar a directory was a file whose name ends in a slash.
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
