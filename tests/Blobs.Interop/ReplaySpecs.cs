using Blobs.Interop.Oracles;
using Blobs.Interop.Replay;

namespace Blobs.Interop;

/// <summary>
/// What a crash of the machine may leave of a verb's steps, as strace saw them: everything that a sync spoke for, and any part of the rest. Each
/// such state is put down, verified, and worked on again. <c>BLOBS_INTEROP_STATES</c> says how many of each verb; a few when nobody says.
/// <c>BLOBS_NATIVE</c> names the program.
/// </summary>
public sealed class ReplaySpecs(ITestOutputHelper output)
{
    private const int StatesUsually = 6;
    private const int Shown = 8;

    private static int States => Effort.Of("BLOBS_INTEROP_STATES", StatesUsually);

    [Theory]
    [InlineData("ingest", "commit")]
    [InlineData("ingest", "full")]
    [InlineData("load", "commit")]
    [InlineData("load", "full")]
    [InlineData("pull", "commit")]
    [InlineData("commit", "commit")]
    [InlineData("add", "commit")]
    [InlineData("create", "commit")]
    [InlineData("rm", "commit")]
    [InlineData("rmi", "commit")]
    [InlineData("rmi", "full")]
    public Task A_root_survives_every_state(string verb, string durability) => SurvivesAsync(verb, durability, isInNewRoot: false);

    [Theory]
    [InlineData("ingest", "commit")]
    [InlineData("load", "commit")]
    [InlineData("load", "full")]
    public Task A_root_that_is_being_made_survives_every_state(string verb, string durability) => SurvivesAsync(verb, durability, isInNewRoot: true);

    [Theory]
    [InlineData("ingest", "none", true)]
    [InlineData("ingest", "commit", false)]
    [InlineData("load", "commit", false)]
    public async Task A_verb_that_does_not_sync_is_seen(string verb, string durability, bool hasSyncs)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        ReplayCase made = await ReplayCase.RecordAsync(temporary, null, verb, durability, isInNewRoot: false);
        var recording = made.Recording with { Operations = [.. made.Recording.Operations.Where(operation => hasSyncs || operation is not Sync)] };
        foreach (CrashState state in new CrashStates(recording).Enumerate(seed: 1).Take(Shown))
        {
            if (await made.CheckAsync(state) is string wrong)
            {
                output.WriteLine(wrong);
                return;
            }
        }

        Assert.Fail("nothing wrong was found");
    }

    private async Task SurvivesAsync(string verb, string durability, bool isInNewRoot)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess? registry = verb == "pull" ? await RegistryProcess.OursAsync(temporary, temporary.Folder("store"), "--quiet") : null;
        ReplayCase made = await ReplayCase.RecordAsync(temporary, registry, verb, durability, isInNewRoot);
        var wrong = new List<string>();
        int states = 0;
        foreach (CrashState state in new CrashStates(made.Recording).Enumerate(seed: 1).Take(States))
        {
            states++;
            if (await made.CheckAsync(state) is string text)
            {
                wrong.Add(text);
            }
        }

        output.WriteLine($"{verb} ({durability}): {made.Recording.Operations.Count} steps, {states} states, {wrong.Count} wrong");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {states} states\n{string.Join("\n\n", wrong.Take(Shown))}");
    }
}
