using Blobs.Erofs;
using Blobs.Tar;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Erofs;

/// <summary>Generated layers through images, and back to their tars.</summary>
public sealed class ErofsPropertyTests
{
    [Fact]
    public async Task Any_tree_is_in_its_image_and_its_tar_comes_back()
    {
        await Cases.AllAsync(Gen.Select(TreeGen.Tree, Pick.From(ErofsLayout.Plain, ErofsLayout.Tar)), 100, async of =>
        {
            (TreeNode tree, ErofsLayout layout) = of;
            byte[] tar = Archive.Of([.. tree.Members()]);
            (byte[] image, byte[] recording) = await WriteAsync(tar, layout);
            Assert.Equal(tree.Lines().Order(StringComparer.Ordinal), new ErofsDump(image).Lines().Order(StringComparer.Ordinal));
            Assert.Equal(tar, await ExportAsync(image, recording));
        });
    }

    [Fact]
    public async Task Any_members_are_in_their_image_and_their_tar_comes_back()
    {
        await Cases.AllAsync(Gen.Select(TarGen.Members, Pick.From(ErofsLayout.Plain, ErofsLayout.Tar)), 100, async of =>
        {
            byte[] tar = Archive.Of(of.Item1);
            (byte[] image, byte[] recording) = await WriteAsync(tar, of.Item2);
            var dump = new ErofsDump(image);
            foreach ((TarMember member, byte[] payload) in of.Item1)
            {
                ErofsDump.Node node = dump.Nodes[System.Text.Encoding.Latin1.GetString(member.Name).TrimEnd('/')];
                bool isLink = member.Type == TarEntryType.SymbolicLink;
                Assert.Equal(
                    ((uint)member.Uid, (uint)member.Gid, isLink ? 0x1ff : member.Mode & 0xfff, member.ModifiedTime),
                    (node.Uid, node.Gid, node.Mode & 0xfff, node.Time));
                Assert.Equal(isLink ? member.LinkName : payload, node.Letter == 'd' ? [] : node.Content);
            }

            Assert.Equal(tar, await ExportAsync(image, recording));
        });
    }

    [Fact]
    public async Task A_layer_upon_another_shows_through_overlayfs_what_the_rules_of_whiteouts_say()
    {
        await Cases.AllAsync(Gen.Select(TreeGen.Tree, TreeGen.Layer, TreeGen.Layer), 100, async of =>
        {
            (TreeNode bottom, TreeNode middle, TreeNode top) = of;
            var shown = new SortedDictionary<string, ErofsDump.Node>(StringComparer.Ordinal);
            foreach (TreeNode layer in (TreeNode[])[bottom, middle, top])
            {
                Overlay(shown, await ErofsImages.DumpAsync(Archive.Of([.. layer.Members()])));
            }

            Assert.Equal(
                top.Upon(middle.Upon(bottom)).Lines().Order(StringComparer.Ordinal),
                shown.Select(pair => pair.Value.Line(pair.Key)).Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public async Task Every_name_is_found_by_search()
    {
        await Cases.AllAsync(Gen.Select(Gen.Byte[1, 255].Where(value => value != '/').Array[1, 3].Array[1, 400], Pick.From(ErofsLayout.Plain, ErofsLayout.Tar)), 30, async of =>
        {
            byte[][] names = [.. of.Item1.Where(name => !name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8)).DistinctBy(Convert.ToHexString)];
            byte[] image = await ErofsImages.WriteAsync(
                Archive.Of([.. names.Select((name, i) => (new TarMember { Name = name, Mode = i & 0xfff }, Array.Empty<byte>()))]), of.Item2);
            var opened = new ErofsImage(new MemoryStream(image));
            for (int i = 0; i < names.Length; i++)
            {
                Assert.Equal((uint)(i & 0xfff), opened.Find(opened.Root, names[i])?.Mode & 0xfff);
            }

            Assert.Null(opened.Find(opened.Root, "no such name"u8));
        });
    }

    // As overlayfs: a whiteout removes the name, an opaque directory what is below it, anything else replaces.
    private static void Overlay(SortedDictionary<string, ErofsDump.Node> shown, ErofsDump upper)
    {
        foreach ((string path, ErofsDump.Node node) in upper.Nodes)
        {
            bool isMerged = node.Letter == 'd' && !node.IsOpaque && shown.TryGetValue(path, out ErofsDump.Node? lower) && lower.Letter == 'd';
            if (!isMerged)
            {
                foreach (string hidden in shown.Keys.Where(key => key == path || key.StartsWith($"{path}/", StringComparison.Ordinal)).ToList())
                {
                    shown.Remove(hidden);
                }
            }

            if (!node.IsWhiteout)
            {
                shown[path] = node;
            }
        }
    }

    private static async Task<(byte[] Image, byte[] Recording)> WriteAsync(byte[] tar, ErofsLayout layout)
    {
        using var image = new MemoryStream();
        using var recording = new MemoryStream();
        await ErofsLayer.WriteAsync(
            new MemoryStream(tar), image, layout == ErofsLayout.Plain ? recording : null, new ErofsOptions { Layout = layout });
        return (image.ToArray(), recording.ToArray());
    }

    private static async Task<byte[]> ExportAsync(byte[] image, byte[] recording)
    {
        using var back = new MemoryStream();
        await ErofsLayer.ExportAsync(new MemoryStream(image), recording.Length == 0 ? null : new MemoryStream(recording), back);
        return back.ToArray();
    }
}
