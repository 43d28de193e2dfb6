namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A scenario and a setting in which the protocol holds, and how many states it has.</summary>
internal sealed record ScenarioRow(string Name, long States, Scenario Scenario, Setting Setting, bool OnDemand = true) : IModelRow
{
    /// <summary>Whether the number of states is only about right.</summary>
    public bool IsEstimate { get; init; }
}
