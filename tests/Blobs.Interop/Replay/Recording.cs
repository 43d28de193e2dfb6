using Blobs.Interop.Oracles;

namespace Blobs.Interop.Replay;

/// <summary>One run of a program: the folder it worked in as it was, and what it did there, step by step.</summary>
internal sealed record Recording(DiskState Before, IReadOnlyList<Operation> Operations)
{
    // No write is longer: a string that strace cut short would be one that ends in dots.
    private const string LongestString = "16777216";

    /// <summary>Runs a program under strace, and makes sure that the steps lead to what it left.</summary>
    public static async Task<Recording> OfAsync(string folder, string log, string program, params string[] arguments)
    {
        DiskState before = DiskState.Read(folder);
        DiskState live = before.Clone();
        await new Command(
            Oracle.Need("strace"), ["-f", "-qq", "-xx", "-y", "-s", LongestString, "-e", SystemCallLog.Traced, "-e", "signal=none", "-o", log, program, .. arguments])
            .SucceedAsync();
        var reader = new OperationReader(folder, before, live);
        foreach (SystemCall call in SystemCallLog.Read(log))
        {
            reader.Read(call);
        }

        Assert.Equal(DiskState.Read(folder).ToString(), live.ToString());
        return new Recording(before, reader.Operations);
    }
}
