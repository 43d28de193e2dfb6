namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>All that the future depends on.</summary>
internal struct State
{
    // ---- in the store ----
    public Stored Stored;
    public Generation Current;
    public PerRun<Cells> Condemned;
    public PerRun<PerItem<Claim>> Claims;

    /// <summary>DELETEs that a run has sent and that have not happened yet.</summary>
    public PerRun<Cells> Deletes;

    // ---- processes ----
    public Two<Host> Hosts;
    public Two<Collector> Collectors;

    // ---- what clients know ----

    /// <summary>
    /// Bit m: a client was told 201 for manifest m, and neither a user nor another push has taken that back since.
    /// </summary>
    public byte Acknowledged;

    /// <summary>
    /// Bit r: a client was told 201 for the blob in repository r, and its link has not grown old since.
    /// </summary>
    public byte BlobAcknowledged;

    /// <summary>Who wrote the tag last: 0 nobody, 1 and 2 the hosts, else a dead process.</summary>
    public byte TagWriter;

    /// <summary>A host has lost a claim when it could no longer refuse.</summary>
    public bool LostAfterTag;

    // ---- what may still happen ----
    public byte UserDeletions;
    public byte HostCrashesLeft;
    public byte CollectorCrashesLeft;

    /// <summary>What the list in force condemns.</summary>
    public readonly Cells CondemnedNow => Current.IsCondemned ? Condemned[Current.Run - 1] : default;

    public readonly bool Has(int cell) => Stored.Present.Contains(cell);
}
