namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>All that the future depends on.</summary>
internal struct State
{
    // ---- in the store ----
    public Stored Stored;
    public bool LinkIsYoung;
    public Generation Current;
    public PerRun<Item> Condemned;
    public PerRun<Claim> BlobClaims;
    public PerRun<Claim> ManifestClaims;

    // ---- on the way to the store ----

    /// <summary>DELETEs that a run has sent.</summary>
    public PerRun<Stored> Deletes;

    /// <summary>Writes of hosts that died meanwhile.</summary>
    public Stored LateWrites;

    // ---- processes ----
    public Two<Host> Hosts;
    public Two<Collector> Collectors;

    // ---- what clients know ----

    /// <summary>A client was told 201 for the manifest, and no user has deleted it since.</summary>
    public bool ManifestAcknowledged;

    /// <summary>A client was told 201 for the blob, and its link has not grown old since.</summary>
    public bool BlobAcknowledged;

    // ---- what may still happen ----
    public byte UserDeletions;
    public byte HostCrashesLeft;
    public byte CollectorCrashesLeft;

    /// <summary>What the list in force condemns.</summary>
    public readonly Item CondemnedNow => Current.IsCondemned ? Condemned[Current.Run - 1] : Item.None;

    public readonly bool Has(Stored parts) => (Stored & parts) == parts;

    /// <summary>A write of one key happens.</summary>
    public void Put(Stored part)
    {
        Stored |= part;
        LinkIsYoung |= part == Stored.Link;
    }

    /// <summary>A DELETE of some keys happens.</summary>
    public void Delete(Stored parts)
    {
        Stored &= ~parts;
        LinkIsYoung &= Has(Stored.Link);
    }
}
