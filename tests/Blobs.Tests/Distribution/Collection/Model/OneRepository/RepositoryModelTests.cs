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
        new("1 collector, as the code does", 514_079, new() { Collectors = 1, Variant = Variant.AsTheCode }, OnDemand: false),
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
        new("2 collectors, as the code does", 4_626_332, new() { Variant = Variant.AsTheCode }),
        new("--untagged, 1 collector, both crash, a user deletes, as the code does", 10_275_196,
            new()
            {
                Collectors = 1, Untagged = true, UserDeletions = 1, HostCrashes = 1, CollectorCrashes = 1, Variant = Variant.AsTheCode,
            }),
    ];

    // The smallest setting that shows what the step is for. Manifests are at stake, but for the last three.
    private static readonly Setting[] NaiveSettings =
    [
        new() { Variant = Variant.MarkAndSweep, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.NoMarkAgain, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.NoClaims, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.KeepOverDelete, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.NoFence, Promises = Promises.Manifests },
        new() { Variant = Variant.EndsWithoutWaiting, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.LooksBeforeRevision, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.NoCheckAfterClaims, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.ReadsCurrentOnce, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.RefusedTakesBack, Runs = 1, Collectors = 1, Promises = Promises.Manifests },
        new() { Variant = Variant.TagAfterLastLook, Runs = 1, Collectors = 1, Untagged = true, Promises = Promises.Manifests },
        new() { Variant = Variant.DataBeforeLook, Runs = 1, Collectors = 1, Promises = Promises.Blobs },
        new() { Variant = Variant.CommitLooksOnce, Runs = 1, Collectors = 1, Promises = Promises.Blobs },
        new() { Variant = Variant.KeepsBroken, Runs = 1, Collectors = 1, Promises = Promises.NoGarbage },
    ];

    public static TheoryData<string> Settings => ModelEffort.Names(Rows);

    public static TheoryData<string> Naive => [.. NaiveSettings.Select(setting => setting.Variant.ToString())];

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
    public void Mark_and_sweep_loses_an_image_in_these_steps()
    {
        Exploration found = ModelEffort.Explore(new RepositoryModel(NaiveSettings[0]), expected: 0);
        Assert.Equal(
            [
                "start: an old blob that nobody needs",
                "host A: a client asks whether the blob is there",
                "host A: HEAD: ReadLink",
                "host A: HEAD: CheckData",
                "host A: PUT: CheckReachable",
                "host A: PUT: WriteManifest",
                "collector 1, run 1: TakeLease (begins)",
                "collector 1, run 1: MarkRevisions",
                "host A: PUT: WriteRevision (201)",
                "collector 1, run 1: MarkLinks",
                "collector 1, run 1: MarkBlobs",
                "collector 1, run 1: DeleteLinksAndData (sent)",
                "store, run 1: DeleteLinks (the link)",
            ],
            found.Trace);
    }

    [Theory]
    [MemberData(nameof(Naive))]
    public void Without_a_step_something_is_lost(string variant)
    {
        Setting setting = NaiveSettings.Single(setting => setting.Variant.ToString() == variant);
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
