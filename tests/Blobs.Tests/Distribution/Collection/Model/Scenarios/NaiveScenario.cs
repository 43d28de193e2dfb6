namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A scenario that shows what a step is for, and what is lost without it.</summary>
internal sealed record NaiveScenario(Scenario Scenario, Setting Setting, string Lost, bool OnDemand = false) : IModelRow
{
    public string Name => Setting.Variant.ToString();
}
