using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The table of verbs and places in the command's README: what it says works, works; what it says does not, is wrong
/// usage.</summary>
public sealed partial class VerbPlaceSpecs
{
    private const string PlainName = "app:1";

    // How each verb is called in the table's rows: P is the place, P/ the place with a path, N the place without an image's name,
    // H the host, D an image that may go, R the root, T a new name or file.
    private static readonly Dictionary<string, string> Calls = new()
    {
        ["ls"] = "ls P",
        ["tree"] = "tree P/",
        ["du"] = "du P",
        ["cat"] = "cat P/",
        ["cp"] = "cp P/ T",
        ["export"] = "export P -o T",
        ["diff"] = "diff P P",
        ["find"] = "find f P",
        ["append from"] = "append P file:/x --to oci:T:1",
        ["append to"] = "append scratch file:/x --to P",
        ["mutate from"] = "mutate P --user 1 --to oci:T:1",
        ["mutate to"] = "mutate app:1 --user 1 --to P",
        ["flatten from"] = "flatten P --to oci:T:1",
        ["flatten to"] = "flatten app:1 --to P",
        ["rebase from"] = "rebase P --from app:1 --onto app:1 --to oci:T:1",
        ["rebase to"] = "rebase app:1 --from app:1 --onto app:1 --to P",
        ["tags"] = "tags N",
        ["digest"] = "digest P",
        ["manifest"] = "manifest P",
        ["referrers"] = "referrers P",
        ["config"] = "config P",
        ["inspect"] = "inspect P",
        ["save"] = "save P -o T",
        ["tag"] = "tag P other:1",
        ["catalog"] = "catalog H",
        ["delete"] = "delete D",
        ["login"] = "login H -u somebody --password-stdin --authfile T",
        ["logout"] = "logout H --authfile T",
        ["copy from"] = "copy P oci:T:1",
        ["copy to"] = "copy IMAGE P",
        ["copy --all from"] = "copy --all P oci:T:1",
        ["copy --all to"] = "copy --all LAYOUT P",
        ["index create"] = "index create oci:T:1 P",
        ["index add"] = "index add I LAYOUT",
        ["index remove"] = "index remove I --platform linux/amd64",
        ["annotate"] = "annotate P k=v --to oci:T:1",
        ["attach"] = "attach --to P FILE --type a/b",
        ["sync from"] = "sync N oci:T",
        ["sync to"] = "sync LAYOUTS N",
    };

    // To these a plain name means a registry, or nothing; they take no --root.
    private static readonly string[] AskRegistries =
    [
        "tags", "catalog", "digest", "manifest", "config", "referrers", "delete", "login", "logout", "copy", "index", "annotate",
        "attach", "sync",
    ];

    [Fact]
    public async Task Every_cell_is_true()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        (string[] columns, (string[] Verbs, string[] Cells)[] rows) = Table();
        Dictionary<string, string[]> places = await PlacesAsync(temporary, registry.Address);
        var wrong = new List<string>();
        int number = 0;

        // What writes comes last: an archive then holds the new image alone.
        foreach ((string[] verbs, string[] cells) in rows.OrderBy(row => row.Verbs.Any(verb => verb.EndsWith(" to", StringComparison.Ordinal))))
        {
            foreach (string verb in verbs)
            {
                Assert.True(Calls.ContainsKey(verb), $"how is `{verb}` called?");
                await Parallel.ForEachAsync(
                    columns.Zip(cells).SelectMany(cell => places[cell.First]
                        .Where(place => place != PlainName || !AskRegistries.Contains(verb.Split(' ')[0]))
                        .Select(place => (Place: place, Says: cell.Second))),
                    async (cell, _) =>
                    {
                        string target = temporary[$"t{Interlocked.Increment(ref number)}"];
                        if (await FaultAsync(temporary, Calls[verb], cell.Place, target, cell.Says == "yes") is { } fault)
                        {
                            lock (wrong)
                            {
                                wrong.Add(fault);
                            }
                        }
                    });
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("ls", "erofs:x")]
    [InlineData("cat", "erofs:x:/y")]
    [InlineData("cat", "oci:")]
    [InlineData("copy", "erofs:x", "oci:y")]
    [InlineData("copy", "oci:x", "oci:y", "--layout", "tar")]
    [InlineData("copy", "No where", "oci:y")]
    [InlineData("append", "oci:", "--to", "oci:y", "a:/b")]
    [InlineData("append", "oci:x", "--to", "oci:", "a:/b")]
    [InlineData("cat", "app:1")]
    [InlineData("export", "app:1:/x")]
    [InlineData("diff", "app:1", "oci:x:/y")]
    [InlineData("find", "f", "app:1:/x")]
    [InlineData("cp", "app:1:/x")]
    [InlineData("ls", "APP")]
    public async Task A_place_that_makes_no_sense_is_wrong_usage(params string[] call)
    {
        CommandResult result = await BlobsCommand.RunAsync(call);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(2, result.Talk.Count);
        Assert.StartsWith("blobs: ", result.Talk[0], StringComparison.Ordinal);
        Assert.StartsWith("Try 'blobs ", result.Talk[1], StringComparison.Ordinal);
    }

    private static async Task<string?> FaultAsync(TemporaryRoot temporary, string call, string place, string target, bool works)
    {
        bool isTarget = call.EndsWith("--to P", StringComparison.Ordinal);
        string[] words = [.. call.Split(' ').Select(word => word switch
        {
            "P" => isTarget ? $"{place}-{Path.GetFileName(target)}" : place,
            "P/" => $"{place}:/f",
            "N" => WithoutName(place),
            "H" => HostOf(place),
            "D" => place.Replace("/app:1", "/gone:1", StringComparison.Ordinal),
            "I" => place.Replace("/app:1", "/index:1", StringComparison.Ordinal).Replace("layout:1", "layout:index", StringComparison.Ordinal)
                .Replace("oci.tar", "index.tar", StringComparison.Ordinal),
            "IMAGE" => $"docker-data:{temporary["root"]}//app:1",
            "LAYOUT" => $"oci:{temporary["layout"]}:1",
            "LAYOUTS" => $"oci:{temporary["layout"]}",
            "FILE" => temporary["f"],
            "T" => target,
            "oci:T" => $"oci:{target}",
            "oci:T:1" => $"oci:{target}:1",
            "file:/x" => $"{temporary["f"]}:/x",
            _ => word,
        })];
        string[] root = AskRegistries.Contains(words[0]) ? [] : ["--root", temporary["root"]];
        CommandResult result = await (new Command(BlobsCommand.Native, [.. words, .. root]) with { Input = "password"u8.ToArray() }).RunAsync();
        bool isRight = works ? result.ExitCode == 0 : result.ExitCode == 2 && result.Talk.Count == 2;
        return isRight ? null : $"blobs {string.Join(' ', words)}: exit code {result.ExitCode}, {result.Error}";
    }

    private static string WithoutName(string place)
    {
        int name = place.StartsWith("docker-data:", StringComparison.Ordinal) ? place.IndexOf("//", StringComparison.Ordinal)
            : place.StartsWith("docker-archive:", StringComparison.Ordinal) ? place.IndexOf(":app:", StringComparison.Ordinal)
            : place.StartsWith("container:", StringComparison.Ordinal) || place.StartsWith("layer:", StringComparison.Ordinal) ? -1
            : place.LastIndexOf(':');
        return name < 0 ? place : place[..name];
    }

    private static string HostOf(string place) => place.StartsWith("docker://", StringComparison.Ordinal)
        ? place["docker://".Length..place.IndexOf("/app", StringComparison.Ordinal)]
        : place;

    private static async Task<Dictionary<string, string[]>> PlacesAsync(TemporaryRoot temporary, string registry)
    {
        string layer = LayerFiles.Write(temporary, "layer.tar", new TarBuilder().Add(new TarMember("f") { Content = "1\n"u8.ToArray() }).ToArray());
        await File.WriteAllTextAsync(temporary["f"], "2\n");
        DockerArchive.Write(temporary["app.tar"], "app:1", [layer], "/f");
        await BlobsCommand.With("load", temporary["app.tar"], "--root", temporary["root"], "--quiet").SucceedAsync();
        string image = $"docker-data:{temporary["root"]}//app:1";
        await BlobsCommand.With("copy", image, $"docker://{registry}/gone:1", "--quiet").SucceedAsync();
        string[] copies =
        [
            $"docker://{registry}/app:1", $"oci:{temporary["layout"]}:1", $"oci-archive:{temporary["oci.tar"]}:1",
            $"containers-storage:{temporary["podman"]}//app:1",
        ];
        foreach (string copy in copies)
        {
            // Docker's format has no annotations.
            await BlobsCommand.With("copy", image, copy, "--format", "oci", "--quiet").SucceedAsync();
        }

        foreach (string index in
            (string[])[$"docker://{registry}/index:1", $"oci:{temporary["layout"]}:index", $"oci-archive:{temporary["index.tar"]}:1"])
        {
            await BlobsCommand.With("index", "create", index, copies[0], "--quiet").SucceedAsync();
        }

        await BlobsCommand.With("create", "--root", temporary["root"], "--name", "web", "app:1").SucceedAsync();
        return new()
        {
            ["registry"] = [copies[0]],
            ["data root"] = [image, PlainName],
            ["`containers-storage:`"] = [copies[3]],
            ["`oci:`"] = [copies[1]],
            ["`oci-archive:`"] = [copies[2]],
            ["`docker-archive:`"] = [$"docker-archive:{temporary["app.tar"]}:app:1"],
            ["`container:`, `layer:`"] = ["container:web", $"layer:{Sha256Text.OfFile(layer)}"],
        };
    }

    private static (string[] Columns, (string[] Verbs, string[] Cells)[] Rows) Table()
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(Repository.Root, "src/Blobs.Cli/README.md"))
            .SkipWhile(line => !line.StartsWith("| verb |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];

        // Verbs for a whole root name no place: DockerHabitsSpecs calls them.
        IEnumerable<string[]> rows = lines.Skip(2).Where(cells => !cells[0].Contains("(`--root`)", StringComparison.Ordinal));
        return (lines[0][1..], [.. rows.Select(cells => (VerbsIn(cells[0]), cells[1..]))]);
    }

    // "`append`, `mutate` from" are "append from" and "mutate from"; what follows a comma says how they are called.
    private static string[] VerbsIn(string cell)
    {
        string direction = cell.EndsWith(" from", StringComparison.Ordinal) ? " from" : cell.EndsWith(" to", StringComparison.Ordinal) ? " to" : "";
        return [.. Verb().Matches(cell).Select(match => match.Groups[1].Value + direction)];
    }

    [GeneratedRegex("`([a-z]+(?: [a-z-]+)?)`")]
    private static partial Regex Verb();
}
