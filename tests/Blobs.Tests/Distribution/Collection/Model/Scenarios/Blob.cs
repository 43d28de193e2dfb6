namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A blob as one repository sees it.</summary>
internal sealed record Blob(int Link, int Data, int Item, int Repository = 0)
{
    /// <summary>The cells that, condemned, concern a request for this blob.</summary>
    public Cells Cells { get; } = Cells.Of(Link, Data);
}
