namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A set of cells.</summary>
internal readonly record struct Cells(byte Bits)
{
    public bool IsEmpty => Bits == 0;

    public static Cells Of(int cell) => new((byte)(1 << cell));

    public static Cells Of(params IEnumerable<int> cells) => cells.Aggregate(default(Cells), (all, cell) => all | Of(cell));

    public bool Contains(int cell) => (Bits & (1 << cell)) != 0;

    public bool ContainsAll(Cells cells) => (Bits & cells.Bits) == cells.Bits;

    public bool Overlaps(Cells cells) => (Bits & cells.Bits) != 0;

    public Cells With(int cell) => this | Of(cell);

    public Cells Without(int cell) => this & ~Of(cell);

    public static Cells operator |(Cells left, Cells right) => new((byte)(left.Bits | right.Bits));

    public static Cells operator &(Cells left, Cells right) => new((byte)(left.Bits & right.Bits));

    public static Cells operator ~(Cells cells) => new((byte)~cells.Bits);
}
