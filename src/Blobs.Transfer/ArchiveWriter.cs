using System.Text;
using Blobs.Buffers.Internal;
using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Tar;
using Blobs.Tar.Internal;

namespace Blobs.Transfer;

/// <summary>
/// Writes an image archive, member by member, without spooling. If a member's length or name is known only after its
/// content, the header is filled in afterwards. If the target cannot seek, the content is produced twice, first only to
/// learn them.
/// </summary>
internal sealed class ArchiveWriter
{
    private readonly Stream _target;
    private readonly bool _canGoBack;
    private readonly TarWriter _tar;

    /// <param name="target">Takes the archive; stays open.</param>
    /// <param name="forwardOnly">Whether to write strictly forward.</param>
    public ArchiveWriter(Stream target, bool forwardOnly)
    {
        _target = target;
        _canGoBack = target.CanSeek && !forwardOnly;
        _tar = new TarWriter(new StreamSink(target));
    }

    public void Write(TarMember member)
    {
        _tar.Begin(member);
        _tar.End();
    }

    public void Write(TarMember member, ReadOnlySpan<byte> content)
    {
        _tar.Begin(member with { Size = content.Length });
        _tar.Write(content);
        _tar.End();
    }

    /// <summary>Writes a member of known length.</summary>
    public async Task WriteAsync(TarMember member, Func<Stream, Task> write)
    {
        _tar.Begin(member);
        var content = new SinkStream(_tar);
        await using (content.ConfigureAwait(false))
        {
            await write(content).ConfigureAwait(false);
        }

        _tar.End();
    }

    /// <summary>Writes a member whose length, and perhaps name, is known only after its content.</summary>
    /// <param name="member">Its other header fields.</param>
    /// <param name="nameOf">Gives its name by the digest of its content; names must have a fixed length that fits a
    /// plain header.</param>
    /// <param name="write">Writes the content.</param>
    public async Task<WrittenBlob> WriteAsync(TarMember member, Func<Digest, string> nameOf, BlobWriter write)
    {
        if (!_canGoBack)
        {
            WrittenBlob first = await write(Stream.Null, null).ConfigureAwait(false);
            await WriteAsync(Named(first), target => write(target, first.Digest)).ConfigureAwait(false);
            return first;
        }

        long start = _target.Position;
        await _target.WriteAsync(new byte[TarLayout.BlockBytes]).ConfigureAwait(false);
        WrittenBlob found = await write(_target, null).ConfigureAwait(false);
        await _target.WriteAsync(new byte[TarLayout.PaddingOf(found.Length)]).ConfigureAwait(false);
        long end = _target.Position;
        _target.Position = start;
        WriteHeader(Named(found));
        _target.Position = end;
        return found;

        TarMember Named(WrittenBlob blob) => member with { Name = Encoding.ASCII.GetBytes(nameOf(blob.Digest)), Size = blob.Length };
    }

    /// <summary>Ends the archive.</summary>
    public void Complete()
    {
        _tar.Complete();
        _target.Flush();
    }

    // Exactly one block: a size or time that does not fit in octal digits, from 8 GiB or the year 2242 on, uses GNU's
    // base-256 form, which every reader knows.
    private void WriteHeader(TarMember member)
    {
        const long OctalMax = 1L << 33;
        bool isOctal = member.Size < OctalMax && member.ModifiedTime.Seconds < OctalMax;
        new TarWriter(new StreamSink(_target), isOctal ? TarFormat.Pax : TarFormat.Gnu).Begin(member);
    }
}
