using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>A layer whose names point out of its own tree: taken or refused, but nothing outside is written or read.</summary>
public sealed class HostileNamesSpecs
{
    private const string Secret = "only for those outside\n";

    [Theory]
    [InlineData("dots")]
    [InlineData("absolute")]
    [InlineData("through-a-link")]
    [InlineData("through-a-relative-link")]
    [InlineData("through-a-link-in-the-parent")]
    [InlineData("hard-link-out")]
    [InlineData("hard-link-through-a-link")]
    [InlineData("whiteout-through-a-link")]
    [InlineData("opaque-through-a-link")]
    [InlineData("whiteout-of-dots")]
    public async Task Nothing_outside_of_the_store_is_written_or_read(string attack)
    {
        Oracle.NeedRoot();
        foreach (string driver in new[] { "overlay2", "vfs" })
        {
            await using var temporary = new TemporaryRoot();
            string outside = temporary.Folder("outside");
            await File.WriteAllTextAsync(Path.Combine(outside, "canary"), Secret);
            string root = temporary.Folder("root");
            string[] layers = [.. Layers(attack, outside).Select((layer, number) =>
                LayerFiles.Write(temporary, $"{number}.tar", layer))];
            string before = Outside(temporary, root);

            string? parent = null;
            foreach (string layer in layers)
            {
                string[] onParent = parent is null ? [] : ["--parent", parent];
                CommandResult result = await BlobsCommand.RunAsync(
                    ["ingest", layer, "--root", root, "--driver", driver, .. onParent, "--json"]);
                if (result.ExitCode != 0)
                {
                    result.ExpectRefusal();
                    break;
                }

                IngestedLayer ingested = IngestedLayer.Parse(result);
                parent = ingested.ChainId;
                CommandResult exported = await BlobsCommand.RunAsync("layer", "export", parent, "--root", root);
                Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(exported.Output), StringComparison.Ordinal);
            }

            Assert.Equal(before, Outside(temporary, root));
            AssertInside(root, driver);
        }
    }

    private static byte[][] Layers(string attack, string outside)
    {
        byte[] absolute = Encoding.UTF8.GetBytes(outside);
        // From <root>/overlay2/<id>/diff and from <root>/vfs/dir/<id> alike: enough steps up for both, and too many.
        string up = string.Concat(Enumerable.Repeat("../", 12));
        TarMember away = new("away", '2') { Link = absolute };
        TarMember attacker = new("away/escaped") { Content = "got out"u8.ToArray() };
        return attack switch
        {
            "dots" => [Tar([.. Enumerable.Range(1, 12).Select(steps =>
                new TarMember(string.Concat(Enumerable.Repeat("../", steps)) + $"escaped-{steps}") { Content = [1] })])],
            "absolute" => [Tar(new TarMember([.. absolute, .. "/escaped"u8]) { Content = [1] })],
            "through-a-link" => [Tar(away, attacker)],
            "through-a-relative-link" => [Tar(away with { Link = Encoding.UTF8.GetBytes(up + outside[1..]) }, attacker)],
            "through-a-link-in-the-parent" => [Tar(away), Tar(attacker, new TarMember("away/canary") { Content = [2] })],
            "hard-link-out" => [Tar(
                new TarMember("stolen", '1') { Link = [.. absolute, .. "/canary"u8] },
                new TarMember("stolen-too", '1') { Link = Encoding.UTF8.GetBytes($"{up}{outside[1..]}/canary") })],
            "hard-link-through-a-link" => [Tar(away, new TarMember("stolen", '1') { Link = "away/canary"u8.ToArray(), Mode = 0 })],
            "whiteout-through-a-link" => [Tar(away), Tar(away, new TarMember("away/.wh.canary"))],
            "opaque-through-a-link" => [Tar(away), Tar(away, new TarMember("away/.wh..wh..opq"))],
            "whiteout-of-dots" =>
            [
                Tar(new TarMember("a/", '5')),
                Tar(new TarMember("a/.wh..."), new TarMember("a/.wh.."), new TarMember(".wh.")),
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(attack)),
        };
    }

    private static byte[] Tar(params TarMember[] members) => new TarBuilder().AddRange(members).ToArray();

    // Times and link counts included: a canary that was linked, read through or touched shows.
    private static string Outside(TemporaryRoot temporary, string root) =>
        string.Concat(TreeListing.Of(temporary.Path, TreeListing.Facts.Modified).Lines
            .Where(line => !line.Key.StartsWith("./" + Path.GetFileName(root), StringComparison.Ordinal))
            .Select(line => $"{line.Key} {line.Value}\n"));

    private static void AssertInside(string root, string driver)
    {
        string inside = driver == "vfs" ? "./vfs/dir/" : "/diff/";
        IEnumerable<string> escaped = TreeListing.Of(root).Lines.Keys
            .Where(name => name.Contains("escaped", StringComparison.Ordinal) && !name.Contains(inside, StringComparison.Ordinal));
        Assert.Empty(escaped);
    }
}
