using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>
/// Every call that a verb makes is refused once: it ends with one line and exit code 1, what was there is as it was, the same verb works
/// again, and then everything is right. <c>BLOBS_INTEROP_FAULTS</c> says how many of them a verb meets; a sample when nobody says.
/// </summary>
public sealed class RefusedCallSpecs(ITestOutputHelper output)
{
    private static readonly int Faults = Effort.Of("BLOBS_INTEROP_FAULTS", 24);

    [Theory]
    [InlineData("ingest")]
    [InlineData("load")]
    [InlineData("add")]
    [InlineData("commit")]
    [InlineData("create")]
    [InlineData("rmi")]
    [InlineData("gc")]
    [InlineData("push")]
    [InlineData("pull")]
    public async Task A_call_that_is_refused_costs_nothing_but_the_work(string verb)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using FaultScene scene = await FaultScene.PrepareAsync(temporary, verb, BlobsCommand.Native);
        await scene.ResetAsync();
        string[] command = [BlobsCommand.Native, .. scene.Arguments];
        IReadOnlyList<CallFault> all = await FaultyRun.AllAsync(temporary.Path, command);
        string expected = scene.Picture();
        int stride = Math.Max(1, all.Count / Faults);
        var faults = new List<string>();
        int tolerated = 0;
        int met = 0;
        foreach (CallFault fault in all.Where((_, number) => number % stride == stride / 2))
        {
            await scene.ResetAsync();
            TreeListing before = scene.Listing();
            FaultyRun run = await FaultyRun.RunAsync(temporary.Path, fault, command);
            IReadOnlyList<string> mounts = Mounts.Below(scene.Folder);
            await Mounts.RemoveBelowAsync(scene.Folder);
            tolerated += run.Result.ExitCode == 0 ? 1 : 0;
            met++;
            bool isExact = run.Result.ExitCode <= 1 && run.Refused.Count <= 1 && !IsRemoval(fault) && !scene.LeavesLayers;
            if ((Misbehaviour(run, scene, before, fault, mounts) ?? await AftermathAsync(scene, expected, isExact)) is { } wrong)
            {
                faults.Add($"{fault}, exit code {run.Result.ExitCode}: {wrong}\n{string.Join('\n', run.Refused)}\n{run.Result.Error}");
            }
        }

        output.WriteLine($"{verb}: {all.Count} calls can be refused; {met} were, {tolerated} of them did not matter");
        Assert.True(faults.Count == 0, $"{faults.Count} of {met}\n{string.Join('\n', faults)}");

        string? Misbehaviour(FaultyRun run, FaultScene scene, TreeListing before, CallFault fault, IReadOnlyList<string> mounts)
        {
            // Unless it was the unmounting itself that was refused something.
            if (mounts is [var mounted] && run.Refused is [var refused]
                && !refused.Contains(Path.GetFileName(Path.GetDirectoryName(mounted))!, StringComparison.Ordinal))
            {
                return $"left mounted: {mounted}";
            }

            if (run.Result.ExitCode == 0)
            {
                return run.IsFatal(scene.Folder) ? "that was called a success" : null;
            }

            // The runtime's own troubles are told by the runtime; ours in one line.
            if (run.IsOurs(temporary.Path) && (run.Result.ExitCode != 1 || run.Result.Talk.Count(line => !line.EndsWith(": waiting", StringComparison.Ordinal)) != 1))
            {
                return "not one line and exit code 1";
            }

            return !scene.IsAllOrNothing || IsRemoval(fault) || run.Refused.Count > 1 || !run.IsOurs(temporary.Path) || scene.Picture() == expected
                ? null
                : Leftovers(scene.Listing(), before);
        }
    }

    // What cannot be removed stays, until the next that writes; so it may be where several calls were refused, one of a thread each.
    private static bool IsRemoval(CallFault fault) => fault.Call is "unlink" or "unlinkat" or "rmdir";

    // A blob that is whole stays, whatever becomes of its layer; an empty directory and a mark that nothing reads stay as the engine's do.
    private static string? Leftovers(TreeListing after, TreeListing before)
    {
        string[] names = [.. after.Lines.Keys.Except(before.Lines.Keys)
            .Where(name => !name.EndsWith("/layerdb/mounts", StringComparison.Ordinal) && !name.EndsWith("/committed", StringComparison.Ordinal))];
        bool isWholeBlob = names.Any(name => name.EndsWith("/data", StringComparison.Ordinal))
            && names.All(name => name.StartsWith("./docker", StringComparison.Ordinal));
        bool isKept = names.Length == 0 && before.Lines.All(line => after.Lines.GetValueOrDefault(line.Key) == line.Value);
        return isKept || isWholeBlob ? null : after.DifferenceFrom(before);
    }

    private static async Task<string?> AftermathAsync(FaultScene scene, string expected, bool isExact)
    {
        CommandResult again = await new Command(BlobsCommand.Native, scene.Arguments).RunAsync();
        await scene.RemoveNamelessAsync();
        CommandResult verified = await scene.VerifyAsync();
        return !scene.IsDone(again) ? $"the next run said {again.Error}"
            : verified.ExitCode != 0 ? verified.Text
            : !isExact || scene.Picture() == expected ? null
            : Difference(expected.Split('\n'), scene.Picture().Split('\n'));
    }

    private static string Difference(string[] expected, string[] found) =>
        string.Join('\n', expected.Except(found).Select(line => $"missing {line}").Concat(found.Except(expected).Select(line => $"too many {line}")));
}
