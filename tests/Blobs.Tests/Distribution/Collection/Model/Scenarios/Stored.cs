namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What a store holds, or what a mark has found of it.</summary>
internal struct Stored
{
    public Cells Present;

    /// <summary>Links and tags younger than the age limit.</summary>
    public Cells Young;

    /// <summary>Which manifest the tag names, by <see cref="Manifest.TagValue"/>; 0: there is no tag.</summary>
    public byte TagHolds;
}
