using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Tests.Testing;
using CsCheck;
using TarEntryType = Blobs.Tar.TarEntryType;
using TarFormat = Blobs.Tar.TarFormat;
using TarWriter = System.Formats.Tar.TarWriter;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Generated trees through the whole store: in, on top of one another, changed, and out again.</summary>
public sealed class LayerPropertyTests
{
    private static readonly string[] Writers = ["pax", "gnu", "v7", "dotnet pax", "dotnet gnu", "dotnet ustar"];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Fact]
    public async Task Any_tree_in_any_tar_under_any_compression_comes_back_bit_for_bit()
    {
        Root.Needed();
        using var fixture = new StoreFixture(durability: Durability.None);
        await Cases.AllAsync(Gen.Select(TreeGen.Tree, Gen.Int[0, 3], Pick.From("plain", "gzip", "zstd")), 40, async of =>
        {
            (TreeNode tree, int links, string compression) = of;
            foreach (string writer in Writers)
            {
                byte[] tar = Write(WithLinks(tree.Members(), links), writer);
                Layer layer = (await fixture.Store.IngestAsync(new MemoryStream(Compress(tar, compression)))).Layer;
                using var back = new MemoryStream();
                await fixture.Store.ExportAsync(layer.ChainId, back);
                Assert.True(back.ToArray().AsSpan().SequenceEqual(tar), $"{writer}, {compression}");
            }
        });
        Assert.Empty((await RootVerifier.RunAsync(fixture.Root)).Findings);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_upon_another_shows_what_the_rules_of_whiteouts_say(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver, Durability.None);
        await Cases.AllAsync(Gen.Select(TreeGen.Tree, TreeGen.Layer, TreeGen.Layer), 40, async of =>
        {
            (TreeNode bottom, TreeNode middle, TreeNode top) = of;
            TreeNode merged = bottom;
            Layer layer = await fixture.AddAsync(Archive.Of([.. bottom.Members()]));
            foreach (TreeNode upper in (TreeNode[])[middle, top])
            {
                merged = upper.Upon(merged);
                layer = await fixture.AddAsync(Archive.Of([.. upper.Members()]), layer.ChainId);
                using DirectoryHandle view = LayerView.Open(fixture.Store.Context.Driver, layer.CacheId);
                Assert.Equal(merged.Lines().Order(StringComparer.Ordinal), TreeLines.Of(view));
            }
        });
        Assert.Empty((await RootVerifier.RunAsync(fixture.Root)).Findings);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task What_a_container_changed_is_a_layer_that_shows_it(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver, Durability.None);
        int number = 0;
        Gen<(TreeNode, TreeNode, Change[])> all = Gen.Select(TreeGen.Tree, TreeGen.Layer, Changes.Array[1, 12]);
        await Cases.AllAsync(all, 30, async of =>
        {
            (TreeNode bottom, TreeNode upper, Change[] changes) = of;
            Layer below = await fixture.AddAsync(Archive.Of([.. bottom.Members()]));
            Layer parent = await fixture.AddAsync(Archive.Of([.. upper.Members()]), below.ChainId);
            string box = $"box-{number++}";
            await fixture.Store.CreateReadWriteAsync(box, parent.ChainId, withInit: false);
            string mounted = await fixture.Store.MountAsync(box);
            List<string> expected;
            using (DirectoryHandle tree = DirectoryHandle.Open(mounted))
            {
                foreach (Change change in changes)
                {
                    Apply(change, tree);
                }

                expected = TreeLines.Of(tree);
            }

            using var tar = new MemoryStream();
            await fixture.Store.DiffAsync(box, tar);
            await fixture.Store.UnmountAsync(box);
            Layer layer = await fixture.AddAsync(tar.ToArray(), parent.ChainId);
            using (DirectoryHandle view = LayerView.Open(fixture.Store.Context.Driver, layer.CacheId))
            {
                Assert.Equal(expected, TreeLines.Of(view));
            }

            await fixture.Store.RemoveReadWriteAsync(box);
        });
        Assert.Empty((await RootVerifier.RunAsync(fixture.Root)).Findings);
    }

    private static readonly Gen<Change> Changes =
        from what in Pick.From("remove", "remove", "write", "directory", "link", "mode", "replace")
        from place in Gen.Int[0, 1000]
        from name in Pick.From("a", "b", "new", "dir", "caf\u00e9")
        from content in Gen.Byte.Array[0, 40]
        select new Change(what, place, name, content);

    // The same file under further names, in a directory of their own.
    private static (TarMember, byte[])[] WithLinks(IEnumerable<(TarMember Member, byte[] Payload)> members, int count)
    {
        (TarMember Member, byte[] Payload)[] all = [.. members];
        byte[][] files = [.. all.Where(one => one.Member.Type == TarEntryType.File).Select(one => one.Member.Name).Take(count)];
        return
        [
            .. all,
            Archive.Directory("links/"),
            .. files.Select((file, i) => (new TarMember { Name = Encoding.ASCII.GetBytes($"links/{i}"), Type = TarEntryType.HardLink, LinkName = file }, Array.Empty<byte>())),
        ];
    }

    private static byte[] Write((TarMember Member, byte[] Payload)[] members, string writer)
    {
        bool isShort = members.All(one => one.Member.Name.Length <= 100 && one.Member.LinkName.Length <= 100 && one.Member.Uid < 2_097_152);
        switch (writer)
        {
            case "pax":
            case "v7" when !isShort:
                return Archive.Of(TarFormat.Pax, members);
            case "gnu":
                return Archive.Of(TarFormat.Gnu, [.. members.Select(Plain)]);
            case "v7":
                return Archive.Of(TarFormat.V7, [.. members.Where(one => one.Member.Type is not TarEntryType.Fifo).Select(Plain)]);
            default:
                TarEntryFormat format = writer == "dotnet gnu" ? TarEntryFormat.Gnu
                    : writer == "dotnet ustar" && isShort ? TarEntryFormat.Ustar : TarEntryFormat.Pax;
                return WriteByRuntime(members, format);
        }
    }

    private static (TarMember, byte[]) Plain((TarMember Member, byte[] Payload) one) =>
        (one.Member with { Xattrs = [], ModifiedTime = new UnixTime(one.Member.ModifiedTime.Seconds, 0) }, one.Payload);

    private static byte[] WriteByRuntime((TarMember Member, byte[] Payload)[] members, TarEntryFormat format)
    {
        using var target = new MemoryStream();
        using (var writer = new TarWriter(target, format, leaveOpen: true))
        {
            foreach ((TarMember member, byte[] payload) in members)
            {
                string name = Encoding.Latin1.GetString(member.Name);
                var type = (System.Formats.Tar.TarEntryType)(byte)member.Type;
                System.Formats.Tar.TarEntry entry = format switch
                {
                    TarEntryFormat.Gnu => new GnuTarEntry(type, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                    _ => new PaxTarEntry(type, name),
                };
                entry.Mode = (UnixFileMode)member.Mode;
                entry.Uid = (int)member.Uid;
                entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(member.ModifiedTime.Seconds);
                if (member.LinkName.Length > 0)
                {
                    entry.LinkName = Encoding.Latin1.GetString(member.LinkName);
                }

                if (member.Type == TarEntryType.File)
                {
                    entry.DataStream = new MemoryStream(payload);
                }

                writer.WriteEntry(entry);
            }
        }

        return target.ToArray();
    }

    private static byte[] Compress(byte[] tar, string compression)
    {
        if (compression == "plain")
        {
            return tar;
        }

        if (compression == "zstd")
        {
            using var compressor = new ZstdSharp.Compressor();
            return compressor.Wrap(tar).ToArray();
        }

        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        return target.ToArray();
    }

    // As programs in a container do it, to the directory or name that there is by then.
    private static void Apply(Change change, DirectoryHandle root)
    {
        byte[] nameZ = [.. Encoding.Latin1.GetBytes(change.Name), 0];
        using DirectoryHandle directory = TreeLines.OpenNth(root, change.Where);
        List<byte[]> names = directory.List();
        byte[]? some = names.Count == 0 ? null : names.OrderBy(Encoding.Latin1.GetString, StringComparer.Ordinal).ElementAt(change.Where % names.Count);
        switch (change.What)
        {
            case "remove" when some is not null:
                TreeRemover.Remove(directory, some);
                break;
            case "mode" when some is not null && directory.TryGetStatus(some, out FileStatus status) == Errno.None && !status.IsSymlink:
                Assert.Equal(Errno.None, directory.SetMode(some, 0b111_000_101));
                break;
            case "replace" when some is not null:
                TreeRemover.Remove(directory, some);
                Assert.Equal(Errno.None, directory.MakeDirectory(some, 0b111_101_101));
                break;
            case "write":
                TreeRemover.Remove(directory, nameZ);
                Assert.Equal(Errno.None, directory.TryCreateFile(nameZ, 0b110_100_100, out int handle));
                FileHandle.Write(handle, change.Content);
                FileHandle.Close(handle);
                break;
            case "directory":
                directory.MakeDirectory(nameZ, 0b111_101_101);
                break;
            case "link":
                directory.MakeSymlink(nameZ, "some/where\0"u8);
                break;
        }
    }

    private sealed record Change(string What, int Where, string Name, byte[] Content);
}
