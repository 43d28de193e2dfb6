using System.Text;

namespace Blobs.Interop.Inputs;

/// <summary>Every odd thing that a layer may hold and an engine must give back.</summary>
internal static class OddLayer
{
    private const int Executable = 0b111_101_101;
    private const int LinkMode = 0b111_111_111;
    private const int SetUid = 0b100_000_000_000;
    private const int SetGid = 0b010_000_000_000;
    private const int Sticky = 0b001_000_000_000;

    // VFS_CAP_REVISION_2 with cap_net_raw permitted and effective, as linux/capability.h lays it out.
    private static readonly byte[] NetRaw = [1, 0, 0, 2, 0, 0x20, 0, 0, .. new byte[12]];

    /// <param name="privileged">Also devices and trusted attributes, which only root can make.</param>
    public static byte[] Build(bool privileged = true)
    {
        var tar = new TarBuilder()
            .AddGlobal(("comment", "a global header: nothing on disk, and back in the archive"))
            .AddRange(Owners())
            .AddRange(Times())
            .AddRange(Modes())
            .AddRange(Attributes(privileged))
            .AddRange(Links())
            .AddRange(Names())
            .AddRange(Sizes());
        if (privileged)
        {
            tar.AddRange(Devices());
        }

        // Bytes after the end, as GNU tar pads its records.
        return tar.ToArray(bytesAfterEnd: 7 * 512);
    }

    private static IEnumerable<TarMember> Owners() =>
    [
        File("owners/other") with { Uid = 1000, Gid = 1001 },
        File("owners/large-pax") with { Uid = 3_000_000, Gid = 4_000_000_000 },
        File("owners/large-gnu") with { Uid = 3_000_001, Gid = 4_000_000_001, Gnu = true },
        Folder("owners/directory/") with { Uid = 12, Gid = 34 },
        Symlink("owners/link", "other") with { Uid = 56, Gid = 78 },
    ];

    private static IEnumerable<TarMember> Times() =>
    [
        Folder("times/") with { ModifiedSeconds = 1_234_567_890, ModifiedNanoseconds = 1 },
        File("times/nanoseconds") with { ModifiedNanoseconds = 123_456_789 },
        File("times/last-nanosecond") with { ModifiedNanoseconds = 999_999_999, AccessedSeconds = 1_700_000_500 },
        File("times/epoch") with { ModifiedSeconds = 0 },
        File("times/year-2100") with { ModifiedSeconds = 4_102_444_800 },
        File("times/before-epoch-pax") with { ModifiedSeconds = -1_000 },
        File("times/before-epoch-gnu") with { ModifiedSeconds = -86_400, Gnu = true },
        Symlink("times/link", "epoch") with { ModifiedSeconds = 1_000_000_000, ModifiedNanoseconds = 5 },
        Folder("times/old/") with { ModifiedSeconds = 0 },
        File("times/old/inside"),
    ];

    private static IEnumerable<TarMember> Modes() =>
    [
        File("modes/set-uid") with { Mode = SetUid | Executable, Uid = 1000 },
        File("modes/set-gid") with { Mode = SetGid | Executable, Gid = 1000 },
        File("modes/sticky") with { Mode = Sticky | Executable },
        File("modes/everything") with { Mode = SetUid | SetGid | Sticky | LinkMode },
        File("modes/nothing") with { Mode = 0 },
        // Engines write the type of the file into the mode.
        File("modes/with-type-bits") with { Mode = 0x8000 | 0b110_100_000 },
        Folder("modes/set-gid-directory/") with { Mode = SetGid | Executable, Gid = 1000 },
        File("modes/set-gid-directory/inside"),
        Folder("modes/sticky-directory/") with { Mode = Sticky | LinkMode },
        Folder("modes/read-only/") with { Mode = 0b101_101_101 },
        File("modes/read-only/inside"),
        Folder("modes/closed/") with { Mode = 0 },
        File("modes/closed/inside"),
        Folder("modes/empty/"),
    ];

    private static IEnumerable<TarMember> Attributes(bool privileged) =>
    [
        File("attributes/user") with
        {
            Attributes = [("user.text", "value"u8.ToArray()), ("user.empty", []), ("user.bytes", [0, 1, 0xFF, 0x0A])],
        },
        Folder("attributes/directory/") with { Attributes = [("user.directory", "yes"u8.ToArray())] },
        .. privileged
            ? new[]
            {
                File("attributes/capability") with { Mode = Executable, Attributes = [("security.capability", NetRaw)] },
                File("attributes/capability-and-owner") with
                {
                    Mode = SetUid | Executable, Uid = 1000, Attributes = [("security.capability", NetRaw)],
                },
                File("attributes/trusted") with { Attributes = [("trusted.blobs", "kept"u8.ToArray())] },
                HardLink("attributes/capability-again", "attributes/capability") with { Mode = Executable },
            }
            : [],
    ];

    private static IEnumerable<TarMember> Links() =>
    [
        File("links/first"),
        HardLink("links/second", "links/first"),
        HardLink("links/third", "links/second"),
        HardLink("links/set-uid-again", "modes/set-uid") with { Mode = SetUid | Executable, Uid = 1000 },
        Symlink("links/relative", "first"),
        Symlink("links/absolute", "/etc/passwd"),
        Symlink("links/dangling", "no/such/thing"),
        Symlink("links/up-and-out", "../../../../../../etc/shadow"),
        Symlink("links/" + new string('s', 90), new string('t', 300)),
        Symlink("links/gnu-" + new string('s', 120), new string('u', 300)) with { Gnu = true },
        HardLink("links/link-to-a-link", "links/relative") with { Mode = LinkMode },
        // A link that gives the base's file another face in this layer.
        File("relinked") with { Mode = 0b110_000_000 },
    ];

    private static IEnumerable<TarMember> Names()
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 60), 5));
        return
        [
            // Nothing names the parents of the next two.
            File("implied/parents/of/this"),
            File("./implied/dot-slash"),
            File("names/" + new string('n', 120)),
            File("names/gnu-" + new string('n', 120)) with { Gnu = true },
            File("names/" + new string('c', 255)),
            File($"names/{deep}/long-pax"),
            File($"names/{deep}/long-gnu") with { Gnu = true },
            new TarMember([.. "names/caf"u8, 0xE9]) { Content = [0xE9] },
            new TarMember([.. "names/bytes-"u8, 0xFF, 0xFE, 0x80, (byte)'/'], '5') { Mode = Executable },
            File("names/quote\"'`back\\slash"),
            File("names/<tag>&amp;"),
            File("names/new\nline\tand\rmore"),
            File("names/control\u0001\u0008\u000c\u001b\u007f"),
            File("names/ leading and trailing "),
            File("names/-dash"),
            File("names/ünï✓\u2028\u2029🐳"),
            File("names/.whale-is-no-whiteout"),
        ];
    }

    private static IEnumerable<TarMember> Sizes() =>
    [
        new TarMember("sizes/zero"),
        File("sizes/one") with { Content = [7] },
        File("sizes/exactly-a-block") with { Content = Noise(512) },
        File("sizes/one-more") with { Content = Noise(513) },
        File("sizes/several-megabytes") with { Content = Noise((5 << 20) + 321) },
        File("sizes/many-zeros") with { Content = new byte[3 << 20] },
        new TarMember("sizes/old-style-file", '\0') { Content = "no type letter\n"u8.ToArray() },
    ];

    private static IEnumerable<TarMember> Devices() =>
    [
        new TarMember("devices/null", '3') { DeviceMajor = 1, DeviceMinor = 3, Mode = 0b110_110_110 },
        new TarMember("devices/large-numbers", '3') { DeviceMajor = 4000, DeviceMinor = 70000, Gid = 5 },
        new TarMember("devices/disk", '4') { DeviceMajor = 8, DeviceMinor = 1, Mode = 0b110_110_000, Gid = 6 },
        new TarMember("devices/fifo", '6') { Mode = 0b110_000_000, Uid = 1000 },
        HardLink("devices/null-again", "devices/null") with { Mode = 0b110_110_110 },
    ];

    private static TarMember File(string name) => new(name) { Content = Encoding.UTF8.GetBytes($"content of {name}\n") };

    private static TarMember Folder(string name) => new(name, '5') { Mode = Executable };

    private static TarMember Symlink(string name, string target) =>
        new(name, '2') { Link = Encoding.UTF8.GetBytes(target), Mode = LinkMode };

    private static TarMember HardLink(string name, string target) => new(name, '1') { Link = Encoding.UTF8.GetBytes(target) };

    private static byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }
}
