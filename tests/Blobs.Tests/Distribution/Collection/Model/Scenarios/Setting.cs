namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>How much may happen in a scenario.</summary>
internal sealed record Setting
{
    /// <summary>Runs that collectors begin, all together.</summary>
    public int Runs { get; init; } = 2;

    /// <summary>1 or 2.</summary>
    public int Collectors { get; init; } = 1;

    /// <summary>Clients that come to each of the two hosts, one after the other.</summary>
    public byte Clients { get; init; } = 1;

    public byte HostCrashes { get; init; }

    public byte CollectorCrashes { get; init; }

    public byte UserDeletions { get; init; }

    /// <summary>Manifests without a tag are collected once their revision link is old.</summary>
    public bool Untagged { get; init; }

    /// <summary>Any tag may be removed that is old.</summary>
    public bool Retention { get; init; }

    public Variant Variant { get; init; }

    public Promises Promises { get; init; } = Promises.All;
}
