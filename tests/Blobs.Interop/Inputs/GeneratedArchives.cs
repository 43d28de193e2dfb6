using Blobs.Interop.Oracles;

namespace Blobs.Interop.Inputs;

/// <summary>Archives by the name of what is special about them.</summary>
internal static class GeneratedArchives
{
    private const string FromGnuTar = "gnu-tar-";

    private static readonly string[] Formats = ["v7", "ustar", "oldgnu", "gnu", "posix"];

    private static readonly Dictionary<string, Func<byte[]>> Made = new()
    {
        ["base"] = () => BaseLayer.Build(),
        ["odd"] = () => OddLayer.Build(),
        ["whiteouts"] = WhiteoutLayer.Build,
        ["nothing-at-all"] = () => [],
        ["empty-layer"] = () => new TarBuilder().ToArray(),
        ["no-end-blocks"] = () => One().ToArrayWithoutEnd(),
        ["one-end-block"] = () => [.. One().ToArrayWithoutEnd(), .. new byte[512]],
        ["last-padding-missing"] = () => One().ToArrayWithoutEnd()[..(512 + 6)],
        ["junk-after-the-end"] = () => [.. One().ToArray(), .. "not a tar any more"u8],
        ["tail-of-several-megabytes"] = () => One().ToArray(bytesAfterEnd: (3 << 20) + 512),
        ["global-header"] = () => new TarBuilder().AddGlobal(("comment", "0123")).AddRange([Hello]).ToArray(),
        ["unknown-type"] = () => new TarBuilder().Add(new TarMember("letter", 'Z') { Content = "payload"u8.ToArray() }).ToArray(),
        ["contiguous"] = () => new TarBuilder().Add(Hello with { Type = '7' }).ToArray(),
        ["escapes"] = () => new TarBuilder()
            .Add(Hello with { Name = "a<b>&c\"d\\e\tf\u0001\u0008\u000c\u007f\u2028\u2029é"u8.ToArray() }).ToArray(),
        ["broken-utf-8"] = () => new TarBuilder()
            .Add(Hello with { Name = [0xC0, 0xAF] }).Add(Hello with { Name = [0xED, 0xA0, 0x80] })
            .Add(Hello with { Name = [0xF5, 0x80, 0x80, 0x80] }).Add(Hello with { Name = [.. "ends-in-"u8, 0xE2, 0x82] }).ToArray(),
        ["dots-and-slashes"] = () => new TarBuilder()
            .Add(new TarMember("./", '5')).Add(new TarMember("./a//b") { Content = [1] }).Add(new TarMember("/c") { Content = [2] })
            .Add(new TarMember("d/../e") { Content = [3] }).ToArray(),
    };

    private static TarMember Hello => new("a.txt") { Content = "hello\n"u8.ToArray() };

    public static IEnumerable<string> Names => [.. Made.Keys, .. Formats.Select(format => FromGnuTar + format)];

    public static async Task<string> WriteAsync(TemporaryRoot temporary, string name)
    {
        string archive = temporary["generated.tar"];
        if (!name.StartsWith(FromGnuTar, StringComparison.Ordinal))
        {
            await File.WriteAllBytesAsync(archive, Made[name]());
            return archive;
        }

        string tree = temporary.Folder("source");
        FillTree(tree);
        string format = $"--format={name[FromGnuTar.Length..]}";
        await new Command(Oracle.Need("tar"), format, "--sort=name", "-cf", archive, "-C", tree, ".").SucceedAsync();
        return archive;
    }

    private static TarBuilder One() => new TarBuilder().Add(Hello);

    // Within what even the oldest format can name.
    private static void FillTree(string tree)
    {
        string folder = Directory.CreateDirectory(Path.Combine(tree, "folder", "below")).FullName;
        File.WriteAllText(Path.Combine(folder, "file"), "content\n");
        File.WriteAllBytes(Path.Combine(folder, "block"), new byte[512]);
        File.WriteAllText(Path.Combine(folder, "new\nline <&> \"quoted\""), "odd\n");
        File.WriteAllText(Path.Combine(folder, new string('n', 70)), "long\n");
        File.WriteAllBytes(Path.Combine(folder, "empty"), []);
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "file");
        File.CreateSymbolicLink(Path.Combine(folder, "dangling"), "/no/such");
    }
}
