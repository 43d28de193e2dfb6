using System.Text;
using Blobs.Buffers;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>
/// Writes an archive of images, member by member, as it goes out. Nothing is kept aside: where a member's length or name is known only
/// behind it, its header is filled in afterwards, or, where the target cannot go back, what makes it runs once more to find out.
/// </summary>
internal sealed class ArchiveWriter
{
    private readonly Stream _target;
    private readonly bool _canGoBack;
    private readonly TarWriter _tar;

    /// <param name="target">Takes the archive; stays its owner's.</param>
    /// <param name="forwardOnly">Whether the target must not be sought in.</param>
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

    /// <summary>A member of known length.</summary>
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

    /// <summary>A member whose length is known when it has been written, and perhaps not even its name before.</summary>
    /// <param name="member">Everything else about it.</param>
    /// <param name="nameOf">Its name, by the digest of its content; always of one length, and short enough for a plain header.</param>
    /// <param name="write">Writes the content; the same at every call.</param>
    public async Task<(Digest Digest, long Length)> WriteAsync(
        TarMember member, Func<Digest, string> nameOf, Func<Stream, Task> write)
    {
        if (!_canGoBack)
        {
            (Digest digest, long length) = await MeasureAsync(Stream.Null, write).ConfigureAwait(false);
            await WriteAsync(member with { Name = Encoding.ASCII.GetBytes(nameOf(digest)), Size = length }, write).ConfigureAwait(false);
            return (digest, length);
        }

        long start = _target.Position;
        await _target.WriteAsync(new byte[TarLayout.BlockBytes]).ConfigureAwait(false);
        (Digest Digest, long Length) found = await MeasureAsync(_target, write).ConfigureAwait(false);
        await _target.WriteAsync(new byte[TarLayout.PaddingOf(found.Length)]).ConfigureAwait(false);
        long end = _target.Position;
        _target.Position = start;
        WriteHeader(member with { Name = Encoding.ASCII.GetBytes(nameOf(found.Digest)), Size = found.Length });
        _target.Position = end;
        return found;
    }

    /// <summary>Ends the archive.</summary>
    public void Complete()
    {
        _tar.Complete();
        _target.Flush();
    }

    private static async Task<(Digest Digest, long Length)> MeasureAsync(Stream target, Func<Stream, Task> write)
    {
        var measured = new MeasuringStream(target);
        await using (measured.ConfigureAwait(false))
        {
            await write(measured).ConfigureAwait(false);
            return (measured.FinishDigest(), measured.Length);
        }
    }

    // Exactly one block: what octal digits do not hold, 8 GiB or a time after 2242, is written in GNU's way, which every reader knows.
    private void WriteHeader(TarMember member)
    {
        const long OctalMax = 1L << 33;
        bool isOctal = member.Size < OctalMax && member.ModifiedTime.Seconds < OctalMax;
        new TarWriter(new StreamSink(_target), isOctal ? TarFormat.Pax : TarFormat.Gnu).Begin(member);
    }
}
