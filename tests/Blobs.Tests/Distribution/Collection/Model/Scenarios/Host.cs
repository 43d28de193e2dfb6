namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A host that serves one client after the other.</summary>
internal struct Host
{
    /// <summary>There is no client.</summary>
    public const byte NoClient = byte.MaxValue;

    public HostAt At;

    /// <summary>Which blob or manifest the request is about.</summary>
    public byte Subject;

    /// <summary>Where the client is in its list.</summary>
    public byte ClientAt;

    /// <summary>gc/current as it was read last.</summary>
    public Generation Read;

    /// <summary>How far a step is that takes a request for each of several things.</summary>
    public byte Index;

    /// <summary>How many clients will come.</summary>
    public byte ClientsLeft;

    /// <summary>
    /// A user has deleted what is being pushed, or what it needs, since its revision link was written.
    /// </summary>
    public bool DeletedByUser;

    /// <summary>
    /// The write that a dead process of this host has left on its way: the cell, counted from 1; 0: none.
    /// </summary>
    public byte Late;

    /// <summary>What that write puts in the tag.</summary>
    public byte LateTagHolds;
}
