namespace Blobs.Interop.Corpus;

/// <summary>
/// A folder of archives and compressed streams collected from other projects, with the verdicts of their readers. It is
/// no part of the repository: <c>BLOBS_CORPUS</c> names it, or it lies beside the checkout.
/// </summary>
internal static class CorpusFolder
{
    private const string Table = "ORACLES.tsv";

    public static string? Path { get; } = new[]
        {
            Environment.GetEnvironmentVariable("BLOBS_CORPUS"),
            System.IO.Path.Combine(Repository.Root, "..", "shared", "corpus"),
        }
        .FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && File.Exists(System.IO.Path.Combine(folder, Table)));

    public static IReadOnlyList<CorpusCase> Cases()
    {
        string[][] rows = [.. File.ReadLines(System.IO.Path.Combine(Path!, Table)).Select(line => line.Split('\t'))];
        string[] columns = rows[0];
        return [.. rows.Skip(1).Select(row => new CorpusCase(
            row[0],
            System.IO.Path.Combine(Path!, row[0]),
            row[1],
            columns.Zip(row).ToDictionary(cell => cell.First, cell => cell.Second)))];
    }
}
