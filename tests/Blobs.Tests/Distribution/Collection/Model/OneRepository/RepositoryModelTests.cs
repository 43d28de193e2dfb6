namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>
/// The protocol of collection while serving holds in every interleaving, within the settings below; and each of its
/// steps is needed. The small settings are explored each time, all of them with <c>BLOBS_MODEL=all</c>.
/// </summary>
[Collection(ModelGroup.Name)]
public sealed class RepositoryModelTests
{
    private static readonly RepositoryRow[] Rows =
    [
        new("1 collector", 390_737, new() { Collectors = 1 }, OnDemand: false),
        new("1 collector, a host crashes", 563_328, new() { Collectors = 1, HostCrashes = 1 }, OnDemand: false),
        new("1 collector that crashes", 815_692, new() { Collectors = 1, CollectorCrashes = 1 }, OnDemand: false),
        new("1 collector, a user deletes", 1_228_000, new() { Collectors = 1, UserDeletions = 1 }, OnDemand: false),
        new("1 collector, 1 run, both crash, a user deletes", 474_256,
            new() { Collectors = 1, Runs = 1, HostCrashes = 1, CollectorCrashes = 1, UserDeletions = 1 }, OnDemand: false),
        new("--untagged, 1 collector", 738_798, new() { Collectors = 1, Untagged = true }, OnDemand: false),
        new("2 hosts, 2 collectors, 2 runs", 3_431_347, new(), OnDemand: false),
        new("2 collectors, a user deletes", 10_659_092, new() { UserDeletions = 1 }),
        new("2 collectors, a host crashes", 4_853_838, new() { HostCrashes = 1 }),
        new("2 collectors, a host crashes, a user deletes", 14_507_252, new() { HostCrashes = 1, UserDeletions = 1 }),
        new("1 collector that crashes, 3 runs", 2_035_504, new() { Collectors = 1, CollectorCrashes = 1, Runs = 3 }),
        new("1 collector, both crash, a user deletes, 3 runs", 8_806_558,
            new() { Collectors = 1, HostCrashes = 1, CollectorCrashes = 1, UserDeletions = 1, Runs = 3 }),
        new("2 pushes each, 1 collector", 2_428_675, new() { Collectors = 1, Clients = 2 }),
        new("--untagged, 1 collector, a user deletes", 3_072_269, new() { Collectors = 1, Untagged = true, UserDeletions = 1 }),
        new("--untagged, 1 collector, both crash, a user deletes", 8_596_929,
            new() { Collectors = 1, Untagged = true, UserDeletions = 1, HostCrashes = 1, CollectorCrashes = 1 }),
    ];

    // The smallest setting that shows what the step is for. Manifests are at stake, but for the last three.
    private static readonly Setting[] Weak =
    [
        new() { Weakness = Weakness.MarkAndSweep, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.NoMarkAgain, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.NoClaims, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.KeepOverDelete, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.NoFence, Promises = Promises.Manifests },
        new() { Weakness = Weakness.EndsWithoutWaiting, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.LooksBeforeRevision, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.NoCheckAfterClaims, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.ReadsCurrentOnce, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.RefusedTakesBack, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Weakness = Weakness.TagAfterLastLook, Runs = 1, Collectors = 1, Untagged = true, Promises = Promises.Manifests },
        new() { Weakness = Weakness.DataBeforeLook, Runs = 1, Collectors = 1, Promises = Promises.Blobs },
        new() { Weakness = Weakness.CommitLooksOnce, Runs = 1, Collectors = 1, Promises = Promises.Blobs },
        new() { Weakness = Weakness.KeepsBroken, Runs = 1, Collectors = 1, Promises = Promises.NoGarbage },
    ];

    public static TheoryData<string> Settings => ModelEffort.Names(Rows);

    public static TheoryData<string> Weaknesses => [.. Weak.Select(setting => setting.Weakness.ToString())];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Nothing_acknowledged_is_lost_and_no_garbage_stays(string setting)
    {
        RepositoryRow row = Rows.Single(row => row.Name == setting);
        Exploration found = ModelEffort.Explore(new RepositoryModel(row.Setting), row.States);
        Assert.Null(found.Violation);
        Assert.Equal(row.States, found.States);
    }

    [Fact]
    public void A_commit_may_leave_data_that_is_there_as_it_is()
    {
        var model = new RepositoryModel(new() { Weakness = Weakness.WritesOnlyMissingData, Collectors = 1 });
        Exploration found = ModelEffort.Explore(model, expected: 390_737);
        Assert.Null(found.Violation);
        Assert.Equal(390_737, found.States);
    }

    [Theory]
    [MemberData(nameof(Weaknesses))]
    public void Without_a_step_something_is_lost(string weakness)
    {
        Setting setting = Weak.Single(setting => setting.Weakness.ToString() == weakness);
        string expected = setting.Promises switch
        {
            Promises.Manifests => "an acknowledged manifest lacks: ",
            Promises.Blobs => "an acknowledged blob is gone while its link is young",
            _ => "garbage stays: ",
        };
        Exploration found = ModelEffort.Explore(new RepositoryModel(setting), expected: 0);
        Assert.StartsWith(expected, found.Violation, StringComparison.Ordinal);
        Assert.NotEmpty(found.Trace);
    }
}
