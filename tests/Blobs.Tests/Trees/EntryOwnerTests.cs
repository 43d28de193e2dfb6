using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Trees;

/// <summary>Owners have 32 bits in the kernel, where -1 leaves the owner unchanged.</summary>
[SupportedOSPlatform("linux")]
public sealed class EntryOwnerTests
{
    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [InlineData(1L << 32, 0, "uid 4294967296")]
    [InlineData(0, (1L << 32) + 7, "gid 4294967303")]
    [InlineData(-(1L << 31) - 1, 0, "uid -2147483649")]
    [InlineData(0, 1L << 55, "gid 36028797018963968")]
    [InlineData(-(1L << 40), 0, "uid -1099511627776")]
    public async Task An_owner_that_the_kernel_cannot_hold_is_refused(long user, long group, string named)
    {
        foreach (TarFormat format in (TarFormat[])[TarFormat.Gnu, TarFormat.Pax])
        {
            using var fixture = new StoreFixture();
            fixture.CreateRoot();
            byte[] tar = Archive.Of(format, (new TarMember { Name = "some/file"u8.ToArray(), Uid = user, Gid = group }, []));
            MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => fixture.AddAsync(tar));
            Assert.Equal(Fault.EntryOwner, fault.Fault);
            Assert.Contains($"'some/file' has {named}, which is outside of -2147483648 to 4294967295", fault.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.Exists(fixture.Layers) ? Directory.GetDirectories(fixture.Layers) : []);
        }
    }

    [Fact]
    public async Task A_whiteout_and_the_root_of_the_layer_are_no_exception()
    {
        foreach (string name in (string[])["./", "d/.wh.x"])
        {
            using var fixture = new StoreFixture();
            byte[] tar = Archive.Of(TarFormat.Gnu, (Archive.Directory(name).Member with { Uid = 1L << 32, Type = name == "./" ? TarEntryType.Directory : TarEntryType.File }, []));
            Assert.Equal(Fault.EntryOwner, (await Assert.ThrowsAsync<MalformedDataException>(() => fixture.AddAsync(tar))).Fault);
        }
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task An_owner_of_minus_one_leaves_the_owner_and_is_not_wrong(string driver)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture(driver);
        long[] ids = [-1, uint.MaxValue, -2, int.MinValue, uint.MaxValue - 1, 5];
        (TarMember Member, byte[] Payload)[] members = [.. ids.SelectMany((id, index) => ((TarMember Member, byte[] Payload)[])[
            (Archive.File($"f{index}", "").Member with { Uid = id, Gid = 5 }, []),
            (Archive.Directory($"d{index}").Member with { Uid = 5, Gid = id }, []),
            (Archive.Link(TarEntryType.SymbolicLink, $"l{index}", "x").Member with { Uid = id, Gid = id }, []),
            (Archive.Link(TarEntryType.HardLink, $"h{index}", $"f{index}").Member with { Uid = -1, Gid = 9, Mode = 0b110_100_100 }, []),
        ])];
        Layer below = await fixture.AddAsync(Archive.Of(TarFormat.Gnu, members));
        using DirectoryHandle tree = DirectoryHandle.Open(fixture.Store.Context.Driver.TreeOf(below.CacheId));
        Assert.Equal(
            [0u, 0u, uint.MaxValue - 1, 1u << 31, uint.MaxValue - 1, 5u],
            ids.Select((_, index) => tree.TryGetStatus(FilePath.Terminated($"f{index}"), out FileStatus status) == 0 ? status.User : 77));

        // Once more upon it: in drivers that keep whole trees the directory has an owner already.
        await fixture.AddAsync(
            Archive.Of(TarFormat.Gnu, [.. ids.Select((_, index) => (Archive.Directory($"d{index}").Member with { Uid = -1, Gid = -1 }, (byte[])[]))]), below.ChainId);
        VerifyReport report = await RootVerifier.RunAsync(fixture.Root);
        Assert.Empty(report.Findings);

        // What the tar does give is still looked at.
        Assert.Equal(Errno.None, tree.SetOwner("d0\0"u8, 6, uint.MaxValue));
        Assert.Contains((await RootVerifier.RunAsync(fixture.Root)).Findings, finding => finding.Path.EndsWith("/d0", StringComparison.Ordinal));
    }
}
