using static Blobs.Tests.Distribution.Collection.Model.Scenarios.CellKind;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What is stored, what belongs together, and what is pushed.</summary>
internal sealed record Scenario
{
    /// <summary>Most cells that a scenario has: they fit in <see cref="Scenarios.Cells"/>.</summary>
    public required Cell[] Cells { get; init; }

    /// <summary>The names of the items.</summary>
    public required string[] Items { get; init; }

    public Blob[] Blobs { get; init; } = [];

    public required Manifest[] Manifests { get; init; }

    /// <summary>What the clients of either host send, in order; each may begin anywhere in the list.</summary>
    public required ClientStep[][] Clients { get; init; }

    /// <summary>Whether the hosts do the same, and may be swapped.</summary>
    public bool HostsAreAlike { get; init; }

    /// <summary>What there may be at the start, all of it old, and what the tag then holds.</summary>
    public required (string Name, int[] Present, byte TagHolds)[] Starts { get; init; }

    /// <summary>Two repositories that share a blob and a manifest, a host in each.</summary>
    public static Scenario TwoRepositories()
    {
        const int RevisionA = 0, RevisionB = 1, LinkA = 2, LinkB = 3, Data = 4, Bytes = 5;
        const int Blob = 0, Image = 1;
        return new()
        {
            Cells =
            [
                new("revision link in a", RevisionLink, Image, 0), new("revision link in b", RevisionLink, Image, 1),
                new("link in a", LayerLink, Blob, 0), new("link in b", LayerLink, Blob, 1),
                new("the blob's data", CellKind.Bytes, Blob), new("the manifest's bytes", CellKind.Bytes, Image),
            ],
            Items = ["blob", "manifest"],
            Blobs = [new(LinkA, Data, Blob, 0), new(LinkB, Data, Blob, 1)],
            Manifests =
            [
                new("the image in a", RevisionA, Bytes, Image) { Reaches = [LinkA, Data], ReachesItems = [Blob], Repository = 0 },
                new("the image in b", RevisionB, Bytes, Image) { Reaches = [LinkB, Data], ReachesItems = [Blob], Repository = 1 },
            ],
            Clients = [[ClientStep.Blob(0), ClientStep.Manifest(0)], [ClientStep.Blob(1), ClientStep.Manifest(1)]],
            Starts =
            [
                ("an old blob in a", [LinkA, Data], 0),
                ("nothing", [], 0),
                ("a whole image in a", [RevisionA, LinkA, Data, Bytes], 0),
                ("a whole image in a, an old link in b", [RevisionA, LinkA, LinkB, Data, Bytes], 0),
                ("a manifest's bytes, links in both", [LinkA, LinkB, Data, Bytes], 0),
                ("a whole image in a, a broken one in b", [RevisionA, RevisionB, LinkA, Data, Bytes], 0),
            ],
        };
    }

    /// <summary>
    /// A blob, a child that needs it, and an index of the child under a tag; two hosts that push all three.
    /// </summary>
    /// <param name="untagged">Whether manifests without a tag are collected: then one may begin with such an
    /// index.</param>
    public static Scenario IndexWithChild(bool untagged)
    {
        const int ChildRevision = 0, IndexRevision = 1, Tag = 2, Link = 3, Data = 4, ChildBytes = 5, IndexBytes = 6;
        const int Blob = 0, Child = 1, Index = 2, TagItem = 3;
        ClientStep[] client = [ClientStep.Blob(0), ClientStep.Manifest(0), ClientStep.Manifest(1)];
        (string, int[], byte)[] starts =
        [
            ("an old blob", [Link, Data], 0),
            ("nothing", [], 0),
            ("an old untagged child, whole", [ChildRevision, Link, Data, ChildBytes], 0),
            ("an old untagged index, whole", [ChildRevision, IndexRevision, Link, Data, ChildBytes, IndexBytes], 0),
            ("a tagged index", [ChildRevision, IndexRevision, Tag, Link, Data, ChildBytes, IndexBytes], 2),
        ];
        return new()
        {
            Cells =
            [
                new("the child's revision link", RevisionLink, Child), new("the index's revision link", RevisionLink, Index),
                new("the tag", CellKind.Tag, TagItem),
                new("the blob's link", LayerLink, Blob), new("the blob's data", CellKind.Bytes, Blob),
                new("the child's bytes", CellKind.Bytes, Child), new("the index's bytes", CellKind.Bytes, Index),
            ],
            Items = ["blob", "child", "index", "tag"],
            Blobs = [new(Link, Data, Blob)],
            Manifests =
            [
                new("child", ChildRevision, ChildBytes, Child) { Reaches = [Link, Data], ReachesItems = [Blob], TagValue = 1 },
                new("index", IndexRevision, IndexBytes, Index)
                {
                    Reaches = [ChildRevision, ChildBytes, Link, Data], ReachesItems = [Child, Blob], Tag = Tag, TagValue = 2,
                },
            ],
            Clients = [client, client],
            HostsAreAlike = true,
            Starts = untagged ? starts : [.. starts[..3], starts[4]],
        };
    }

    /// <summary>Two manifests that two hosts push under one tag.</summary>
    public static Scenario MovingTag()
    {
        const int FirstRevision = 0, SecondRevision = 1, Tag = 2, FirstBytes = 3, SecondBytes = 4;
        const int First = 0, Second = 1, TagItem = 2;
        return new()
        {
            Cells =
            [
                new("the first's revision link", RevisionLink, First), new("the second's revision link", RevisionLink, Second),
                new("the tag", CellKind.Tag, TagItem),
                new("the first's bytes", CellKind.Bytes, First), new("the second's bytes", CellKind.Bytes, Second),
            ],
            Items = ["first", "second", "tag"],
            Manifests =
            [
                new("first", FirstRevision, FirstBytes, First) { Tag = Tag, TagValue = 1 },
                new("second", SecondRevision, SecondBytes, Second) { Tag = Tag, TagValue = 2 },
            ],
            Clients = [[ClientStep.Manifest(0)], [ClientStep.Manifest(1)]],
            Starts =
            [
                ("nothing", [], 0),
                ("the first, tagged", [FirstRevision, Tag, FirstBytes], 1),
                ("the first tagged, the second untagged", [FirstRevision, SecondRevision, Tag, FirstBytes, SecondBytes], 1),
                ("both untagged", [FirstRevision, SecondRevision, FirstBytes, SecondBytes], 0),
            ],
        };
    }
}
