namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>
/// The protocol of collection while serving holds in every interleaving, within the scenarios and settings below. The
/// small ones are explored each time, all of them with <c>BLOBS_MODEL=all</c>: that takes 6 GB of memory.
/// </summary>
[Collection(ModelGroup.Name)]
public sealed class ScenarioModelTests
{
    private static readonly Scenario Repositories = Scenario.TwoRepositories();
    private static readonly Scenario Index = Scenario.IndexWithChild(untagged: false);
    private static readonly Scenario UntaggedIndex = Scenario.IndexWithChild(untagged: true);
    private static readonly Scenario Tag = Scenario.MovingTag();

    private static readonly Setting Untagged = new() { Untagged = true };
    private static readonly Setting Retention = new() { Untagged = true, Retention = true };

    private static readonly ScenarioRow[] Rows =
    [
        new("two repositories, 1 run", 1_723_393, Repositories, new() { Runs = 1 }, OnDemand: false),
        new("two repositories, 1 run, links are marked first", 2_231_584, Repositories,
            new() { Runs = 1, Variant = Variant.MarksLinksFirst }, OnDemand: false),
        new("an index, 1 run", 1_314_057, Index, new() { Runs = 1 }, OnDemand: false),
        new("a tag, --untagged", 550_272, Tag, Untagged, OnDemand: false),
        new("a tag, --untagged, retention", 1_117_381, Tag, Retention, OnDemand: false),

        new("two repositories", 9_797_210, Repositories, new()),
        new("two repositories, a user deletes", 40_793_226, Repositories, new() { UserDeletions = 1 }),
        new("two repositories, a host dies", 18_350_946, Repositories, new() { HostCrashes = 1 }),
        new("two repositories, a collector dies", 20_173_612, Repositories, new() { CollectorCrashes = 1 }),
        new("two repositories, 2 collectors", 69_604_111, Repositories, new() { Collectors = 2 }),
        new("an index", 5_002_969, Index, new()),
        new("an index, a user deletes", 44_521_503, Index, new() { UserDeletions = 1 }),
        new("an index, a host dies", 9_832_357, Index, new() { HostCrashes = 1 }),
        new("an index, --untagged", 27_832_347, UntaggedIndex, Untagged),
        new("an index, --untagged, a user deletes", 183_000_000, UntaggedIndex, Untagged with { UserDeletions = 1 }) { IsEstimate = true },
        new("an index, --untagged, a host dies", 64_000_000, UntaggedIndex, Untagged with { HostCrashes = 1 }) { IsEstimate = true },
        new("an index, --untagged, a collector dies", 57_000_000, UntaggedIndex, Untagged with { CollectorCrashes = 1 }) { IsEstimate = true },
        new("two repositories, 1 run, marked in any order", 24_307_661, Repositories,
            new() { Runs = 1, Variant = Variant.MarksInAnyOrder }),
        new("a tag, --untagged, retention, 2 pushes each", 13_807_711, Tag, Retention with { Clients = 2 }),
        new("a tag, --untagged, retention, a host and a collector die", 6_811_420, Tag,
            Retention with { HostCrashes = 1, CollectorCrashes = 1 }),
        new("a tag, --untagged, retention, 2 collectors", 8_084_181, Tag, Retention with { Collectors = 2 }),
    ];

    private static readonly Setting Strict = new() { Runs = 1, Promises = Promises.Manifests };

    private static readonly NaiveScenario[] NaiveSettings =
    [
        new(Repositories, Strict with { Variant = Variant.NoMarkAgain }, "lacks something"),
        new(Repositories, Strict with { Variant = Variant.NoClaims }, "lacks something"),
        new(Repositories, Strict with { Variant = Variant.EndsWithoutWaiting }, "lacks something"),
        new(Repositories, Strict with { Variant = Variant.NoFence, Runs = 2, Collectors = 2 }, "lacks something", OnDemand: true),
        new(Repositories, Strict with { Variant = Variant.ReadsCurrentOnce, Runs = 2 }, "lacks something", OnDemand: true),
        new(Tag, Retention with { Runs = 1, Variant = Variant.TagNotInLook }, "has lost its tag"),
        new(Tag, Retention with { Runs = 1, Variant = Variant.TagUnchecked }, "has lost its tag"),
        new(Tag, Retention with { Runs = 1, Variant = Variant.TagNotReadAgain }, "has lost its tag"),
    ];

    public static TheoryData<string> Settings => ModelEffort.Names(Rows);

    public static TheoryData<string> Naive => ModelEffort.Names(NaiveSettings);

    [Theory]
    [MemberData(nameof(Settings))]
    public void Nothing_acknowledged_is_lost_and_no_garbage_stays(string setting)
    {
        ScenarioRow row = Rows.Single(row => row.Name == setting);
        Exploration found = ModelEffort.Explore(new ScenarioModel(row.Scenario, row.Setting), row.States);
        Assert.Null(found.Violation);
        if (!row.IsEstimate)
        {
            Assert.Equal(row.States, found.States);
        }
    }

    [Theory]
    [MemberData(nameof(Naive))]
    public void Without_a_step_something_is_lost(string variant)
    {
        NaiveScenario row = NaiveSettings.Single(row => row.Name == variant);
        Exploration found = ModelEffort.Explore(new ScenarioModel(row.Scenario, row.Setting), expected: 0);
        Assert.Contains(row.Lost, found.Violation, StringComparison.Ordinal);
        Assert.NotEmpty(found.Trace);
    }
}
