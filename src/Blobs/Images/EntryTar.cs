using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>The tar of a list of entries, made as it is read. Memory does not depend on their number or their
/// size.</summary>
internal sealed class EntryTar : ITarSource, IDisposable
{
    private readonly IEnumerator<LayerEntry> _entries;
    private readonly PendingBytes _framing = new();
    private readonly TarWriter _writer;
    private Stream? _content;
    private long _remaining;
    private bool _isComplete;

    public EntryTar(IEnumerable<LayerEntry> entries)
    {
        _entries = entries.GetEnumerator();
        _writer = new TarWriter(_framing);
    }

    /// <inheritdoc/>
    public int Read(Span<byte> target)
    {
        int total = 0;
        while (total < target.Length)
        {
            int read = _framing.Take(target[total..]);
            read = read > 0 ? read : ReadContent(target[total..]);
            total += read;
            if (read == 0 && !Advance())
            {
                break;
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _content?.Dispose();
        _entries.Dispose();
    }

    // Everything so far has been read: begin the next member, or end the archive.
    private bool Advance()
    {
        if (_isComplete)
        {
            return false;
        }

        if (_entries.MoveNext())
        {
            Begin(_entries.Current);
        }
        else
        {
            _writer.Complete();
            _isComplete = true;
        }

        return true;
    }

    private void Begin(LayerEntry entry)
    {
        bool hasContent = entry.Header is { Type: TarEntryType.File, Size: > 0 };
        if (hasContent && entry.Open is null)
        {
            throw new InvalidOperationException($"{Printable.Quote(entry.Header.Name)} has a size, but no content.");
        }

        _content = hasContent ? entry.Open!() : null;
        _remaining = entry.Header.Size;
        _writer.Begin(entry.Header);
        if (!hasContent)
        {
            _writer.End();
        }
    }

    private int ReadContent(Span<byte> target)
    {
        if (_content is null)
        {
            return 0;
        }

        int read = _content.Read(target[..(int)Math.Min(target.Length, _remaining)]);
        if (read == 0)
        {
            string name = Printable.Quote(_entries.Current.Header.Name);
            throw new StoreException(name, $"{name} is shorter than expected; was it changed while it was read?");
        }

        _writer.SkipPayload(read);
        _remaining -= read;
        if (_remaining == 0)
        {
            _content.Dispose();
            _content = null;
            _writer.End();
        }

        return read;
    }
}
