using System.Collections.Immutable;
using System.Text;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>A node of a generated tree. The tree of a layer also has whiteouts and opaque directories.</summary>
/// <remarks>Names are bytes, one per character (Latin-1).</remarks>
internal sealed record TreeNode
{
    public static TreeNode Whiteout { get; } = new() { Type = WhiteoutType, Mode = 0 };

    private const TarEntryType WhiteoutType = (TarEntryType)'w';

    public required TarEntryType Type { get; init; }

    public long Mode { get; init; }

    public long Owner { get; init; }

    public UnixTime Time { get; init; }

    /// <summary>Content of a file, or target of a link.</summary>
    public byte[] Content { get; init; } = [];

    public byte[]? Xattr { get; init; }

    /// <summary>Whether the directory hides the content of the directory below it.</summary>
    public bool IsOpaque { get; init; }

    /// <summary>Whether the layer has a whiteout for the name before it adds the name again.</summary>
    public bool IsHiddenFirst { get; init; }

    public ImmutableSortedDictionary<string, TreeNode> Children { get; init; } =
        ImmutableSortedDictionary.Create<string, TreeNode>(StringComparer.Ordinal);

    private bool IsDirectory => Type == TarEntryType.Directory;

    /// <summary>Returns the result of applying this layer to a lower tree (OCI image-spec, layer.md).</summary>
    public TreeNode Upon(TreeNode? lower)
    {
        ImmutableSortedDictionary<string, TreeNode> merged = lower is { IsDirectory: true } && !IsOpaque ? lower.Children : Children.Clear();
        foreach ((string name, TreeNode child) in Children)
        {
            merged = child.Type == WhiteoutType ? merged.Remove(name)
                : merged.SetItem(name, child.IsDirectory ? child.Upon(merged.GetValueOrDefault(name)) : child with { IsHiddenFirst = false });
        }

        return this with { Children = merged, IsOpaque = false };
    }

    /// <summary>Returns the members of an archive; each directory comes before its content.</summary>
    public IEnumerable<(TarMember Member, byte[] Payload)> Members(string path = "")
    {
        if (IsOpaque)
        {
            yield return Mark($"{path}.wh..wh..opq");
        }

        foreach ((string name, TreeNode child) in Children)
        {
            string full = path + name;
            if (child.Type == WhiteoutType || child.IsHiddenFirst)
            {
                yield return Mark($"{path}.wh.{name}");
            }

            if (child.Type == WhiteoutType)
            {
                continue;
            }

            yield return child.Member(child.IsDirectory ? $"{full}/" : full);
            foreach ((TarMember, byte[]) below in child.Members($"{full}/"))
            {
                yield return below;
            }
        }
    }

    /// <summary>Describes all nodes below this one, one line for each.</summary>
    public IEnumerable<string> Lines(string path = "")
    {
        foreach ((string name, TreeNode child) in Children)
        {
            yield return Line(path + name, child.Type, child.Type == TarEntryType.SymbolicLink ? 0 : child.Mode, $"{child.Owner}:{child.Owner}", child.Content);
            foreach (string below in child.Lines($"{path}{name}/"))
            {
                yield return below;
            }
        }
    }

    public static string Line(string path, TarEntryType type, long mode, string owner, byte[] content) =>
        $"{path} {(char)type} {Convert.ToString(mode, 8)} {owner} {content.Length} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))[..8]}";

    private static (TarMember Member, byte[] Payload) Mark(string name) => (new TarMember { Name = Encoding.Latin1.GetBytes(name) }, []);

    private (TarMember Member, byte[] Payload) Member(string name)
    {
        bool isFile = Type == TarEntryType.File;
        var member = new TarMember
        {
            Name = Encoding.Latin1.GetBytes(name),
            Type = Type,
            Mode = Mode,
            Uid = Owner,
            Gid = Owner,
            ModifiedTime = Time,
            Size = isFile ? Content.Length : 0,
            LinkName = Type == TarEntryType.SymbolicLink ? Content : [],
            Xattrs = Xattr is null ? [] : [KeyValuePair.Create("user.generated", Xattr)],
        };
        return (member, isFile ? Content : []);
    }
}
