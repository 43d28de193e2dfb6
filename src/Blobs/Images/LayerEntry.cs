using System.Text;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>One entry of a new layer: a file, a directory, a link, or a whiteout.</summary>
/// <param name="Header">Its header. The name is relative to the root of the image; a directory's ends in a slash.</param>
/// <param name="Open">Opens the content of a file, once for each pass over the layer; the stream is disposed. Null for
/// entries without content.</param>
public sealed record LayerEntry(TarMember Header, Func<Stream>? Open = null)
{
    private const long DirectoryMode = 0b111_101_101;
    private const long LinkMode = 0b111_111_111;

    /// <summary>A file with the given content, owned by root, last modified at the start of 1970.</summary>
    /// <param name="path">Its path in the image.</param>
    /// <param name="content">Its content; must not change afterwards.</param>
    /// <param name="mode">Its permissions.</param>
    public static LayerEntry File(string path, ReadOnlyMemory<byte> content, int mode = 0b110_100_100) => new(
        new TarMember { Name = NameOf(path), Size = content.Length, Mode = mode },
        () => new MemoryStream(content.ToArray(), writable: false));

    /// <summary>A file with the given text.</summary>
    /// <inheritdoc cref="File(string, ReadOnlyMemory{byte}, int)"/>
    public static LayerEntry File(string path, string content, int mode = 0b110_100_100) =>
        File(path, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>A directory, owned by root.</summary>
    /// <param name="path">Its path in the image.</param>
    /// <param name="mode">Its permissions.</param>
    public static LayerEntry Directory(string path, int mode = (int)DirectoryMode) => new(
        new TarMember { Name = [.. NameOf(path), (byte)'/'], Type = TarEntryType.Directory, Mode = mode });

    /// <summary>A symbolic link.</summary>
    /// <param name="path">Its path in the image.</param>
    /// <param name="target">What it refers to.</param>
    public static LayerEntry SymbolicLink(string path, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        return new LayerEntry(new TarMember
        {
            Name = NameOf(path),
            Type = TarEntryType.SymbolicLink,
            LinkName = Encoding.UTF8.GetBytes(target),
            Mode = LinkMode,
        });
    }

    /// <summary>A whiteout, which removes a file or directory of the layers below.</summary>
    /// <param name="path">Path of what is removed.</param>
    public static LayerEntry Whiteout(string path)
    {
        byte[] name = NameOf(path);
        int slash = name.AsSpan().LastIndexOf((byte)'/');
        return new LayerEntry(new TarMember
        {
            Name = [.. name.AsSpan(0, slash + 1), .. WhiteoutName.Prefix, .. name.AsSpan(slash + 1)],
            Mode = 0,
        });
    }

    /// <summary>This entry with another owner.</summary>
    /// <param name="user">Id of the user.</param>
    /// <param name="group">Id of the group.</param>
    public LayerEntry OwnedBy(long user, long group) => this with { Header = Header with { Uid = user, Gid = group } };

    /// <summary>This entry with another time of its last modification, cut to a whole second.</summary>
    /// <param name="time">The time.</param>
    public LayerEntry ModifiedAt(DateTimeOffset time) =>
        this with { Header = Header with { ModifiedTime = new UnixTime(time.ToUnixTimeSeconds(), 0) } };

    // The bytes of a path below the root, without slashes around it.
    private static byte[] NameOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = path.Trim('/');
        return name.Length > 0 && name.Split('/').All(part => part is not ("" or "." or ".."))
            ? Encoding.UTF8.GetBytes(name)
            : throw new ArgumentException($"'{path}' is not the path of a file: it has an empty part, '.' or '..'", nameof(path));
    }
}
