namespace Blobs.Cli;

/// <summary>A table as docker prints it: every column is as wide as its widest cell plus three spaces, at least ten;
/// the last one is not padded.</summary>
internal sealed class Table(params string[] header)
{
    private const int WidthMin = 10;
    private const int Gap = 3;

    private readonly List<string[]> _rows = [header];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(column =>
            Math.Max(WidthMin, _rows.Max(row => row[column].Length) + Gap))];
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < row.Length - 1; column++)
            {
                output.Write(row[column].PadRight(widths[column]));
            }

            output.WriteLine(row[^1]);
        }
    }
}
