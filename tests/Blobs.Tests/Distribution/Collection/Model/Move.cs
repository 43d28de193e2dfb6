namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>What happened between two states.</summary>
/// <param name="Actor">Who did it.</param>
/// <param name="What">A step of the protocol, or what else happened.</param>
/// <param name="Outcome">How it ended, where that is worth a word.</param>
/// <param name="Run">The run of the collector that it belongs to, or 0.</param>
internal readonly record struct Move(string Actor, string What, string Outcome = "", int Run = 0)
{
    public override string ToString() =>
        $"{Actor}{(Run > 0 ? $", run {Run}" : "")}: {What}{(Outcome.Length > 0 ? $" ({Outcome})" : "")}";
}
