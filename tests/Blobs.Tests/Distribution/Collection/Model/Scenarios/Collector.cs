namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A process that collects.</summary>
internal struct Collector
{
    public CollectorAt At;

    /// <summary>Its own run; gc/current may be at a later one.</summary>
    public byte Run;

    /// <summary>The places in the order of a mark that it has read, as bits.</summary>
    public byte HasRead;

    /// <summary>The next item to claim.</summary>
    public byte NextItem;

    /// <summary>What it has marked as not needed, less what it has dropped since.</summary>
    public Cells Candidates;

    /// <summary>What the mark has found so far.</summary>
    public Stored Found;
}
