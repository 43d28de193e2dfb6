namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A manifest as one repository sees it, and how it is pushed.</summary>
internal sealed record Manifest(string Name, int Revision, int Bytes, int Item)
{
    public int Repository { get; init; }

    /// <summary>All that it reaches, in the order in which a host asks for it.</summary>
    public int[] Reaches { get; init; } = [];

    /// <summary>The items of all that it reaches.</summary>
    public int[] ReachesItems { get; init; } = [];

    /// <summary>The tag that it is pushed under, or null.</summary>
    public int? Tag { get; init; }

    /// <summary>What a tag holds that names this manifest; 0: none ever does.</summary>
    public byte TagValue { get; init; }
}
