using System.Globalization;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>What an exploration found.</summary>
/// <param name="States">How many states were discovered.</param>
/// <param name="Transitions">How many moves were tried between them.</param>
/// <param name="Violation">What is wrong with the first wrong state, or null.</param>
/// <param name="Trace">How that state came about: the start, then one move a line.</param>
internal sealed record Exploration(long States, long Transitions, string? Violation, IReadOnlyList<string> Trace)
{
    public override string ToString() => Violation is null
        ? string.Create(CultureInfo.InvariantCulture, $"holds: {States:N0} states, {Transitions:N0} transitions")
        : string.Join("\n    ", [string.Create(CultureInfo.InvariantCulture, $"{Violation} ({States:N0} states)"), .. Trace]);
}
