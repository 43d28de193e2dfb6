namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A scenario as sets of cells, computed once.</summary>
internal sealed class Layout
{
    public Layout(Scenario scenario, Variant variant)
    {
        Scenario = scenario;
        AllBytes = OfKind(CellKind.Bytes);
        LayerLinks = OfKind(CellKind.LayerLink);
        RevisionLinks = OfKind(CellKind.RevisionLink);
        Tags = OfKind(CellKind.Tag);
        ItemCells = [.. scenario.Items.Select((_, item) => Select(cell => cell.Item == item))];
        Reached = [.. scenario.Manifests.Select(manifest => Cells.Of(manifest.Reaches))];
        Whole = [.. scenario.Manifests.Select(manifest => Cells.Of([.. manifest.Reaches, manifest.Revision, manifest.Bytes]))];
        Claims = [.. scenario.Manifests.Select(ClaimsOf)];
        MarkOrder = variant switch
        {
            Variant.MarksInAnyOrder => [.. OneByOne(~default(Cells))],
            Variant.MarksLinksFirst => [.. OneByOne(LayerLinks), .. OneByOne(RevisionLinks), .. OneByOne(Tags), (AllBytes, "bytes")],
            _ => [.. OneByOne(RevisionLinks), .. OneByOne(Tags), .. OneByOne(LayerLinks), (AllBytes, "bytes")],
        };
    }

    public Scenario Scenario { get; }

    public Cells AllBytes { get; }

    public Cells LayerLinks { get; }

    public Cells RevisionLinks { get; }

    public Cells Tags { get; }

    /// <summary>The cells of each item.</summary>
    public Cells[] ItemCells { get; }

    /// <summary>What each manifest reaches.</summary>
    public Cells[] Reached { get; }

    /// <summary>What each manifest reaches, with its own revision link and bytes.</summary>
    public Cells[] Whole { get; }

    /// <summary>
    /// The claims that a PUT of each manifest may have to make, in order: what it reaches, itself, its tag. A claim is
    /// due when cells are condemned that concern it: bytes of the item, or links in the repository.
    /// </summary>
    public (int Item, Cells Concern)[][] Claims { get; }

    /// <summary>The order in which a mark reads the store, as far as there is one: a cell, or some, a step.</summary>
    public (Cells Cells, string Name)[] MarkOrder { get; }

    /// <summary>The cells of a set, in order.</summary>
    public IEnumerable<int> In(Cells cells) => Enumerable.Range(0, Scenario.Cells.Length).Where(cells.Contains);

    private IEnumerable<(Cells Cells, string Name)> OneByOne(Cells cells) =>
        In(cells).Select(cell => (Cells.Of(cell), Scenario.Cells[cell].Name));

    private (int Item, Cells Concern)[] ClaimsOf(Manifest manifest)
    {
        int[] tag = manifest.Tag is int cell ? [Scenario.Cells[cell].Item] : [];
        return [.. ((int[])[.. manifest.ReachesItems, manifest.Item, .. tag]).Select(item => (item, Concern(item)))];

        Cells Concern(int item) => ItemCells[item] & (AllBytes | Select(one => one.Repository == manifest.Repository));
    }

    private Cells OfKind(CellKind kind) => Select(cell => cell.Kind == kind);

    private Cells Select(Predicate<Cell> predicate) => Cells.Of(
        Enumerable.Range(0, Scenario.Cells.Length).Where(index => predicate(Scenario.Cells[index])));
}
