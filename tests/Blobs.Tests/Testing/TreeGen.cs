using System.Collections.Immutable;
using Blobs.Tar;
using CsCheck;

namespace Blobs.Tests.Testing;

/// <summary>Generates trees, and layers to apply on top of them. They use few names, so that collisions are
/// frequent.</summary>
internal static class TreeGen
{
    private const int Depth = 3;

    private static readonly Gen<string> Name = Pick.From(
        "a", "b", "c", "d", "dir", "caf\u00e9", "\u00ff\u0001", " with space", new string('n', 120), new string('l', 255), "not.wh.", ".white");

    private static readonly Gen<byte[]> Content = Gen.OneOf(
        Gen.Const(Array.Empty<byte>()),
        Gen.Byte.Array[1, 30],
        Gen.Int[500, 1100].SelectMany(length => Gen.Byte.Array[length]),
        Gen.Int[1, 300_000].Select(length => new byte[length]));

    private static readonly Gen<TreeNode> File =
        from content in Content
        from mode in Pick.From<long>(0b110_100_100, 0b100_000_000, 0, 0b100_111_101_101, 0b010_111_101_101, 0b001_111_111_111)
        from owner in Pick.From<long>(0, 0, 1000, 3_000_000)
        from time in Gen.Long[0, 1_500_000_000]
        from fraction in Pick.From(0, 0, 1, 999_999_999)
        from hasXattr in Gen.Int[0, 5]
        from value in Gen.Byte.Array[0, 20]
        from isHiddenFirst in Gen.Int[0, 4]
        select new TreeNode
        {
            Type = TarEntryType.File,
            Content = content,
            Mode = mode,
            Owner = owner,
            Time = new UnixTime(time, fraction),
            Xattr = hasXattr == 0 ? value : null,
            IsHiddenFirst = isHiddenFirst == 0,
        };

    private static readonly Gen<TreeNode> SymbolicLink =
        Pick.From("a", "../b", "/dir/c", "no/such").Select(target => new TreeNode
        {
            Type = TarEntryType.SymbolicLink,
            Content = System.Text.Encoding.ASCII.GetBytes(target),
            Mode = 0b111_111_111,
        });

    private static readonly Gen<TreeNode> Fifo = Gen.Const(new TreeNode { Type = TarEntryType.Fifo, Mode = 0b110_000_000 });

    /// <summary>A complete bottom layer.</summary>
    public static Gen<TreeNode> Tree { get; } =
        Directory(Depth, isUpper: false).Select(tree => (tree with { IsOpaque = false }).Upon(null));

    /// <summary>A layer with another layer below it.</summary>
    public static Gen<TreeNode> Layer { get; } = Directory(Depth, isUpper: true).Select(tree => tree with { IsOpaque = false });

    private static Gen<TreeNode> Node(int depth, bool isUpper)
    {
        (int, IGen<TreeNode>)[] kinds = [(4, File), (1, SymbolicLink), (1, Fifo)];
        if (depth > 0)
        {
            kinds = [.. kinds, (4, Directory(depth - 1, isUpper))];
        }

        if (isUpper)
        {
            kinds = [.. kinds, (3, Gen.Const(TreeNode.Whiteout))];
        }

        return Gen.Frequency(kinds);
    }

    private static Gen<TreeNode> Directory(int depth, bool isUpper)
    {
        Gen<(string, TreeNode)[]> children = Gen.Select(Name, Node(depth, isUpper)).Array[0, 6];
        Gen<long> mode = Pick.From<long>(0b111_101_101, 0b111_000_000, 0b001_111_111_111, 0b010_111_101_101);
        Gen<bool> opaque = Gen.Int[0, 3].Select(number => isUpper && number == 0);
        return Gen.Select(children, mode, Pick.From<long>(0, 1000), Gen.Long[0, 1_500_000_000], opaque).Select(of => new TreeNode
        {
            Type = TarEntryType.Directory,
            Mode = of.Item2,
            Owner = of.Item3,
            Time = new UnixTime(of.Item4, 0),
            IsOpaque = of.Item5,
            Children = of.Item1.DistinctBy(child => child.Item1)
                .ToImmutableSortedDictionary(child => child.Item1, child => child.Item2, StringComparer.Ordinal),
        });
    }
}
