using System.Buffers.Binary;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Docker.Verification;

/// <summary>dockerd 20.10 loads each of these layers; attributes that the kernel refused or converted are not
/// findings.</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelAttributeTests
{
    private const string AccessAcl = "system.posix_acl_access";
    private const string DefaultAcl = "system.posix_acl_default";

    // The owner, user 5, the group, the mask, others: tag, permissions, id.
    private static readonly byte[] Full = Acl((1, 7, uint.MaxValue), (2, 7, 5), (4, 5, uint.MaxValue), (16, 7, uint.MaxValue), (32, 0, uint.MaxValue));
    private static readonly byte[] OddIds = Acl((1, 7, 0), (2, 7, 5), (4, 5, 1), (16, 7, 2), (32, 0, 3));
    private static readonly byte[] Basic = Acl((1, 6, uint.MaxValue), (4, 4, uint.MaxValue), (32, 4, uint.MaxValue));
    private static readonly byte[] Empty = Acl();
    private static readonly byte[] OfAnotherVersion = [1, .. Full[1..]];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task What_the_kernel_refuses_or_changes_is_not_wrong(string driver)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture(driver);
        await fixture.AddAsync(Archive.Of([.. Members()]));
        VerifyReport report = await RootVerifier.RunAsync(fixture.Root);
        Assert.Empty(report.Findings);
        Assert.Empty(report.Failures);
    }

    [Theory]
    [InlineData("f-full", AccessAcl)]
    [InlineData("d-full", AccessAcl)]
    [InlineData("d-full", DefaultAcl)]
    [InlineData("p-full", AccessAcl)]
    [InlineData("f-other", "user.x")]
    [InlineData("l-other", "trusted.x")]
    [InlineData("p-other", "security.x")]
    [InlineData("f-other", "security.capability")]
    public async Task What_the_kernel_did_take_is_wrong_when_it_differs(string name, string attribute)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync(Archive.Of([.. Members()]));
        using DirectoryHandle tree = DirectoryHandle.Open(fixture.Store.Context.Driver.TreeOf(layer.CacheId));
        byte[] nameZ = FilePath.Terminated(name);
        byte[] other = attribute.Contains("acl", StringComparison.Ordinal)
            ? Acl((1, 7, 0), (2, 7, 6), (4, 5, 1), (16, 7, 2), (32, 0, 3))
            : attribute == "security.capability" ? Capability(2, 0x800) : "w"u8.ToArray();
        byte[] mode = [.. nameZ];
        Assert.Equal(Errno.None, tree.TryGetStatus(mode, out FileStatus before));
        Assert.Equal(Errno.None, tree.SetXattr(nameZ, FilePath.Terminated(attribute), other));
        if (attribute == AccessAcl)
        {
            Assert.Equal(Errno.None, tree.SetMode(nameZ, before.Permissions));
        }

        VerifyReport report = await RootVerifier.RunAsync(fixture.Root);
        Assert.Contains(report.Findings, finding => finding.Path.EndsWith($"/{name}", StringComparison.Ordinal)
            && finding.Problem.Contains(attribute, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task What_a_directory_keeps_of_the_layer_below_is_not_wrong(string driver)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer below = await fixture.AddAsync(Archive.Of(Member("d", TarEntryType.Directory, ("user.x", "v"u8.ToArray()))));
        Layer above = await fixture.AddAsync(Archive.Of(Member("d", TarEntryType.Directory)), below.ChainId);
        Assert.Empty((await RootVerifier.RunAsync(fixture.Root)).Findings);
        using DirectoryHandle tree = DirectoryHandle.Open(fixture.Store.Context.Driver.TreeOf(above.CacheId));
        Assert.Equal(Errno.None, tree.SetXattr("d\0"u8, "user.x\0"u8, "w"u8));
        Assert.Contains((await RootVerifier.RunAsync(fixture.Root)).Findings, finding => finding.Path.EndsWith("/d", StringComparison.Ordinal));
    }

    [Fact]
    public void An_access_list_has_the_mask_that_the_mode_gave_it()
    {
        byte[] masked = Acl((1, 6, uint.MaxValue), (2, 7, 5), (4, 5, uint.MaxValue), (16, 4, uint.MaxValue), (32, 0, uint.MaxValue));
        Assert.True(KernelAttribute.IsAsSet(AccessAcl, Full, masked, FileType.Regular, 0b110_100_000));
        Assert.False(KernelAttribute.IsAsSet(AccessAcl, Full, masked, FileType.Regular, 0b110_110_000));
        Assert.False(KernelAttribute.IsAsSet(AccessAcl, Full, null, FileType.Regular, 0b110_100_000));
        Assert.False(KernelAttribute.IsAsSet(DefaultAcl, Full, masked, FileType.Directory, 0b110_100_000));
        Assert.True(KernelAttribute.IsAsSet(AccessAcl, Basic, null, FileType.Regular, 0b110_100_100));
        Assert.False(KernelAttribute.IsAsSet(AccessAcl, Basic, Full, FileType.Regular, 0b111_111_000));
    }

    [Fact]
    public void A_capability_for_the_real_root_loses_its_namespace()
    {
        Assert.True(KernelAttribute.IsAsSet("security.capability", Capability(3, 0x400, root: 0), Capability(2, 0x400), FileType.Regular, 0));
        Assert.False(KernelAttribute.IsAsSet("security.capability", Capability(3, 0x400, root: 7), Capability(2, 0x400), FileType.Regular, 0));
        Assert.False(KernelAttribute.IsAsSet("security.capability", Capability(3, 0x400, root: 0), Capability(2, 0x800), FileType.Regular, 0));
    }

    private static IEnumerable<(TarMember Member, byte[] Payload)> Members()
    {
        (char Letter, TarEntryType Type)[] types =
        [
            ('f', TarEntryType.File), ('d', TarEntryType.Directory), ('l', TarEntryType.SymbolicLink), ('p', TarEntryType.Fifo), ('c', TarEntryType.CharacterDevice),
        ];
        foreach ((char letter, TarEntryType type) in types)
        {
            foreach ((string name, byte[] acl) in ((string, byte[])[])[("full", Full), ("odd", OddIds), ("basic", Basic), ("empty", Empty), ("version", OfAnotherVersion)])
            {
                (string, byte[])[] lists = type == TarEntryType.Directory ? [(AccessAcl, acl), (DefaultAcl, acl)] : [(AccessAcl, acl)];
                yield return Member($"{letter}-{name}", type, lists);
            }

            yield return Member(
                $"{letter}-other",
                type,
                ("none", "v"u8.ToArray()), ("unknown.x", "v"u8.ToArray()), ("com.apple.quarantine", "v"u8.ToArray()), ("system.nfs4_acl", "v"u8.ToArray()),
                ("user.x", "v"u8.ToArray()), ("trusted.x", "v"u8.ToArray()), ("security.x", "v"u8.ToArray()), ("security.capability", Capability(2, 0x400)));
        }

        yield return Member("third", TarEntryType.File, ("security.capability", Capability(3, 0x400, root: 0)));
        yield return Member("rooted", TarEntryType.File, ("security.capability", Capability(3, 0x400, root: 7)));
        yield return (Member("hard", TarEntryType.HardLink).Member with { LinkName = Encoding.ASCII.GetBytes("f-full"), Mode = 0b110_000_000 }, []);
    }

    private static (TarMember Member, byte[] Payload) Member(string name, TarEntryType type, params (string Name, byte[] Value)[] xattrs) => (new TarMember
    {
        Name = Encoding.ASCII.GetBytes(name),
        Type = type,
        LinkName = type == TarEntryType.SymbolicLink ? [(byte)'x'] : [],
        Mode = 0b110_100_000,
        Xattrs = [.. xattrs.Select(item => KeyValuePair.Create(item.Name, item.Value))],
    }, []);

    private static byte[] Acl(params (ushort Tag, ushort Permissions, uint Id)[] entries)
    {
        byte[] acl = new byte[4 + (8 * entries.Length)];
        acl[0] = 2;
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = acl.AsSpan(4 + (8 * i));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Id);
        }

        return acl;
    }

    private static byte[] Capability(byte version, uint permitted, uint root = 0)
    {
        byte[] value = new byte[version == 3 ? 24 : 20];
        value[0] = 1;
        value[3] = version;
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(4), permitted);
        if (version == 3)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(20), root);
        }

        return value;
    }
}
