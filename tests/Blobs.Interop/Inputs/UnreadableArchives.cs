using Blobs.Interop.Oracles;

namespace Blobs.Interop.Inputs;

/// <summary>
/// Archives that cannot be rebuilt from the files they make: holes that are stored in one of four ways, contents of
/// whiteouts, sizes on members that have no content, and an end in the middle of the last padding.
/// </summary>
internal static class UnreadableArchives
{
    private const string Sparse = "sparse-";
    private const string CutShort = "last-padding-cut-short";

    private static readonly Dictionary<string, TarMember> Made = new()
    {
        ["whiteout-with-content"] = new TarMember(".wh.name") { Content = "what for?"u8.ToArray() },
        ["hard-link-with-size"] = new TarMember("link", '1') { Link = "file"u8.ToArray(), Size = 3 },
        ["directory-with-size"] = new TarMember("folder/", '5') { Size = 1024 },
    };

    public static IEnumerable<string> Names => ["sparse-gnu", "sparse-0.0", "sparse-0.1", "sparse-1.0", .. Made.Keys, CutShort];

    public static async Task<string> WriteAsync(TemporaryRoot temporary, string name)
    {
        string archive = temporary["unreadable.tar"];
        var file = new TarMember("file") { Content = "abc"u8.ToArray() };
        if (name == CutShort)
        {
            await File.WriteAllBytesAsync(archive, new TarBuilder().Add(file).ToArrayWithoutEnd()[..^100]);
            return archive;
        }

        if (Made.TryGetValue(name, out TarMember? member))
        {
            await File.WriteAllBytesAsync(archive, new TarBuilder().Add(file).Add(member).ToArray());
            return archive;
        }

        using (FileStream holes = File.Create(temporary["holes"]))
        {
            holes.SetLength(1 << 20);
            holes.Position = 300_000;
            holes.Write("between two holes"u8);
        }

        string version = name[Sparse.Length..];
        string[] format = version == "gnu" ? ["--format=gnu"] : ["--format=posix", $"--sparse-version={version}"];
        await new Command(
            Oracle.Need("tar"), ["--sparse", .. format, "-cf", archive, "-C", temporary.Path, "holes"]).SucceedAsync();
        return archive;
    }
}
