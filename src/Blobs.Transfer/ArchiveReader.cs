using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Streams;
using Blobs.Tar;
using Blobs.Tar.Internal;

namespace Blobs.Transfer;

/// <summary>
/// Reads an image archive member by member. Content that the caller does not read is skipped, in a seekable file
/// without reading it.
/// </summary>
internal sealed class ArchiveReader : ITarSink, IDisposable
{
    // Headers are pushed one block at a time, so that no push contains more than one; the buffer saves system calls.
    private const int BlockBytes = TarLayout.BlockBytes;
    private const int BufferBytes = 8 << 10;

    // blobs/sha256/ and a digest, or a digest and layer.tar.
    private const int NameBytesMax = 1024;

    private readonly Stream _source;
    private readonly Limits _limits;
    private readonly TarReader _tar;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private ArchiveMember? _member;
    private bool _isAtEnd;

    /// <param name="source">An uncompressed tar at its beginning; stays open.</param>
    /// <param name="limits">Limits on the archive.</param>
    public ArchiveReader(Stream source, Limits limits)
    {
        _source = source;
        _limits = limits;
        _tar = new TarReader(this, limits with { NameBytes = Math.Min(limits.NameBytes, NameBytesMax) });
    }

    /// <summary>The next member; null after the last one.</summary>
    /// <exception cref="MalformedDataException">The archive is damaged.</exception>
    /// <exception cref="LimitExceededException">It has more members than allowed.</exception>
    public async ValueTask<ArchiveMember?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipContentAsync(cancellationToken).ConfigureAwait(false);
        _member = null;
        while (_member is null && !_isAtEnd)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                _tar.Complete();
                return null;
            }

            int length = Math.Min(BlockBytes - (int)(_tar.Offset & (BlockBytes - 1)), _end - _start);
            _tar.Push(_buffer.AsSpan(_start, length));
            _start += length;
        }

        // A sparse map may come between the header and the content.
        _member = _member is null ? null : _member with { Offset = _tar.Offset };

        if (_tar.EntryCount > _limits.ArchiveMembers)
        {
            Throw.LimitExceeded(nameof(Limits.ArchiveMembers), _limits.ArchiveMembers, "the image archive");
        }

        return _member;
    }

    /// <summary>The content of the current member; valid until the next one.</summary>
    public Stream OpenContent() => new Content(this);

    /// <summary>Reads what follows the end of the archive, so that the writer of a pipe does not get SIGPIPE.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }

    /// <inheritdoc/>
    public void Entry(TarEntry entry)
    {
        string name = ArchiveName.Clean(entry.Name);
        string target = entry.Type switch
        {
            TarEntryType.SymbolicLink => ArchiveName.Follow(name, Encoding.UTF8.GetString(entry.LinkName)),
            TarEntryType.HardLink => ArchiveName.Clean(entry.LinkName),
            _ => "",
        };
        _member = new ArchiveMember(name, entry.Type, target, 0, entry.StoredBytes, entry.IsSparse ? entry.Size : entry.StoredBytes)
        {
            Runs = entry.IsSparse ? entry.SparseMap.ToArray() : null,
        };
        CheckHoles(_member);
    }

    // Holes count as expansion, so that a few bytes cannot become many.
    private void CheckHoles(ArchiveMember member)
    {
        const long FloorBytes = 64 << 20;
        if (member.Length > FloorBytes && member.Length / _limits.ExpansionRatio > member.StoredLength)
        {
            Throw.LimitExceeded(
                nameof(Limits.ExpansionRatio), _limits.ExpansionRatio, $"the holes of {ArchiveDocuments.Shown(member.Name)}");
        }
    }

    /// <inheritdoc/>
    public void Payload(ReadOnlySpan<byte> bytes)
    {
    }

    /// <inheritdoc/>
    public void EndEntry()
    {
    }

    /// <inheritdoc/>
    public void EndOfArchive() => _isAtEnd = true;

    public void Dispose() => _tar.Dispose();

    private async ValueTask SkipContentAsync(CancellationToken cancellationToken)
    {
        while (_tar.PayloadRemaining is > 0 and long remaining)
        {
            if (_start < _end)
            {
                int length = (int)Math.Min(remaining, _end - _start);
                _start += length;
                _tar.SkipPayload(length);
            }
            else if (_source.CanSeek && _source.Position + remaining <= _source.Length)
            {
                _source.Seek(remaining, SeekOrigin.Current);
                _tar.SkipPayload(remaining);
            }
            else if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                _tar.Complete();
            }
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = await _source.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
        return _end > 0;
    }

    private async ValueTask<int> ReadContentAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        target = target[..(int)Math.Min(target.Length, _tar.PayloadRemaining)];
        if (target.IsEmpty)
        {
            return 0;
        }

        int read = Math.Min(target.Length, _end - _start);
        if (read > 0)
        {
            _buffer.AsMemory(_start, read).CopyTo(target);
            _start += read;
        }
        else
        {
            read = await _source.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        }

        if (read == 0)
        {
            // Throws, with the offset and the number of missing bytes.
            _tar.Complete();
        }

        _tar.SkipPayload(read);
        return read;
    }

    private sealed class Content(ArchiveReader reader) : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            reader.ReadContentAsync(buffer, cancellationToken);

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();
    }
}
