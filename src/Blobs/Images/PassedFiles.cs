using Blobs.Buffers;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Takes the content of files whose layer is read again, because their content had passed when it turned out to
/// be needed.</summary>
/// <param name="files">The files, by the offset of their headers; taken out as they come.</param>
/// <param name="begin">A file begins.</param>
/// <param name="content">Receives the content, with the holes filled.</param>
/// <param name="end">The file is complete.</param>
internal sealed class PassedFiles(
    Dictionary<long, ImageFile> files, Action<ImageFile> begin, IByteSink content, Action<ImageFile> end) : ITarSink
{
    private readonly FileContent _content = new(content);
    private ImageFile? _file;

    public bool IsDone => files.Count == 0 && _file is null;

    public void Entry(TarEntry entry)
    {
        if (files.Remove(entry.HeaderOffset, out _file))
        {
            begin(_file);
            _content.Begin(entry);
        }
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (_file is not null)
        {
            _content.Payload(bytes);
        }
    }

    public void EndEntry()
    {
        if (_file is not null)
        {
            _content.End();
            end(_file);
            _file = null;
        }
    }
}
