using System.Text;
using Blobs.Buffers;
using Blobs.Tar;
using Blobs.Tar.Internal;

namespace Blobs.Images;

/// <summary>Writes the entries of a tar again, each with other metadata, or left out. Names, types, links and contents
/// stay.</summary>
/// <param name="target">Receives the new tar.</param>
/// <param name="change">Gives the new header of an entry; null leaves the entry out.</param>
internal sealed class EntryEditor(IByteSink target, Func<TarMember, TarMember?> change) : ITarSink, IByteSink
{
    private readonly TarWriter _tar = new(target);

    // Names that were left out: hard links to them have to go, too.
    private readonly HashSet<string> _gone = [];
    private FileContent? _content;

    public void Entry(TarEntry entry)
    {
        if (entry.Type == TarEntryType.GlobalExtension)
        {
            return;
        }

        TarMember member = MemberOf(entry);
        bool isLinkToNothing = member.Type == TarEntryType.HardLink && _gone.Contains(Key(member.LinkName));
        TarMember? changed = isLinkToNothing ? null : change(member);
        if (changed is null)
        {
            _gone.Add(Key(member.Name));
            return;
        }

        _gone.Remove(Key(member.Name));
        _tar.Begin(changed with { Name = member.Name, Type = member.Type, Size = member.Size, LinkName = member.LinkName });
        _content = new FileContent(this);
        _content.Begin(entry);
    }

    public void Payload(ReadOnlySpan<byte> bytes) => _content?.Payload(bytes);

    public void EndEntry()
    {
        if (_content is not null)
        {
            _content.End();
            _content = null;
            _tar.End();
        }
    }

    void IByteSink.Write(ReadOnlySpan<byte> bytes) => _tar.Write(bytes);

    /// <summary>Ends the new tar.</summary>
    public void Complete() => _tar.Complete();

    // Holes become zeros.
    private static TarMember MemberOf(TarEntry entry)
    {
        TarEntryType type = entry.IsSparse ? TarEntryType.File : entry.Type;
        return new TarMember
        {
            Name = entry.Name.ToArray(),
            Type = type,
            LinkName = entry.LinkName.ToArray(),
            Size = TarHeader.IsHeaderOnly(type) ? 0 : entry.Size,
            Mode = entry.Mode,
            Uid = entry.Uid,
            Gid = entry.Gid,
            ModifiedTime = entry.ModifiedTime,
            DeviceMajor = entry.DeviceMajor,
            DeviceMinor = entry.DeviceMinor,
            Xattrs = Xattrs(entry),
        };
    }

    private static KeyValuePair<string, byte[]>[] Xattrs(TarEntry entry)
    {
        var xattrs = new KeyValuePair<string, byte[]>[entry.XattrCount];
        for (int i = 0; i < xattrs.Length; i++)
        {
            xattrs[i] = KeyValuePair.Create(Encoding.UTF8.GetString(entry.XattrName(i)), entry.XattrValue(i).ToArray());
        }

        return xattrs;
    }

    // Names need not be UTF-8; `./a`, `/a` and `a/` are one.
    private static string Key(byte[] name)
    {
        string text = Encoding.Latin1.GetString(name).Trim('/');
        return text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text;
    }
}
