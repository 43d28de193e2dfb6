namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>A process that collects.</summary>
internal struct Collector
{
    public CollectorAt At;

    /// <summary>Its own run; gc/current may be at a later one.</summary>
    public byte Run;

    /// <summary>What it has marked as not needed, less what it has dropped since.</summary>
    public Item Candidates;

    /// <summary>What the mark has found so far.</summary>
    public Stored Found;

    public bool FoundYoungLink;
}
