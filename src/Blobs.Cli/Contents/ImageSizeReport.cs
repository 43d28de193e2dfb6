using Blobs.Errors.Internal;
using Blobs.Images;

namespace Blobs.Cli.Contents;

/// <summary>What <c>du</c> prints.</summary>
/// <param name="Place">The place.</param>
/// <param name="Length">Bytes of all blobs, or of the tars where there are no blobs.</param>
/// <param name="Bytes">Bytes of all files that are seen; a file with several names counts once.</param>
/// <param name="WastedBytes">Bytes of files that a layer has and nobody sees.</param>
/// <param name="RepeatedBytes">The part of them that a higher layer has again unchanged.</param>
/// <param name="Layers">The layers, base first.</param>
/// <param name="Directories">The directories, largest first.</param>
/// <param name="Wasted">The largest files that nobody sees.</param>
internal sealed record ImageSizeReport(
    string Place,
    long Length,
    long Bytes,
    long WastedBytes,
    long RepeatedBytes,
    IReadOnlyList<LayerUsageReport> Layers,
    IReadOnlyList<DirectoryUsage> Directories,
    IReadOnlyList<WastedReport> Wasted)
{
    private const int WastedShown = 10;
    private const int NarrowBar = 10;
    private const int WideBar = 26;

    public static ImageSizeReport From(string place, ImageUsage usage, ImageEntry root, int depth) => new(
        place,
        usage.Layers.Sum(layer => layer.Length ?? 0),
        new DirectorySizes(depth).Measure(root).Bytes,
        usage.Layers.Sum(layer => layer.HiddenBytes),
        usage.Layers.Sum(layer => layer.RepeatedBytes),
        [.. usage.Layers.Select(LayerUsageReport.From)],
        new DirectorySizes(depth).List(root),
        [.. usage.Hidden.Select(WastedReport.From)]);

    public void WriteText(TextWriter output, int width)
    {
        output.WriteLine("  #    SIZE   FILES  WASTED");
        long most = Math.Max(1, Layers.Max(layer => (long?)layer.Bytes) ?? 1);
        foreach (LayerUsageReport layer in Layers)
        {
            string figures = $"{layer.Index,3}{Size(layer.Length)}{Size(layer.Bytes)}{Size(layer.WastedBytes)}";
            output.WriteLine(TextBar.Line(width, figures, (double)layer.Bytes / most));
        }

        output.WriteLine($"all{Size(Length)}{Size(Layers.Sum(layer => layer.Bytes))}{Size(WastedBytes)}");
        output.WriteLine();
        foreach (DirectoryUsage directory in Directories)
        {
            string bar = TextBar.Draw((double)directory.Bytes / Math.Max(1, Bytes), Math.Clamp(width / 4, NarrowBar, WideBar));
            output.WriteLine($"{Size(directory.Bytes)} {bar}  {directory.Path}");
        }

        WriteWasted(output);
    }

    private void WriteWasted(TextWriter output)
    {
        if (Wasted.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"Wasted {Human.Size(WastedBytes)}, of which {Human.Size(RepeatedBytes)} repeated unchanged:");
        foreach (WastedReport file in Wasted.Take(WastedShown))
        {
            output.WriteLine($"{Size(file.Size)}  {file.Reason,-8} #{file.Layer}  {file.Path}");
        }
    }

    private static string Size(long? bytes) => (bytes is { } known ? Human.Size(known) : "?").PadLeft(8);
}

/// <summary>One layer in <see cref="ImageSizeReport"/>.</summary>
internal sealed record LayerUsageReport(
    int Index, string? DiffId, long? Length, int Files, long Bytes, long WastedBytes, long RepeatedBytes)
{
    public static LayerUsageReport From(LayerUsage layer) => new(
        layer.Index,
        layer.DiffId == default ? null : $"{layer.DiffId}",
        layer.Length,
        layer.FileCount,
        layer.FileBytes,
        layer.HiddenBytes,
        layer.RepeatedBytes);
}

/// <summary>A file that nobody sees, in <see cref="ImageSizeReport"/>.</summary>
/// <param name="Path">The path.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Layer">The layer that has it.</param>
/// <param name="Reason">Why nobody sees it: replaced, repeated (replaced by the same content) or removed.</param>
internal sealed record WastedReport(string Path, long Size, int Layer, string Reason)
{
    public static WastedReport From(HiddenFile file) => new(
        Printable.Escape(file.Path),
        file.Size,
        file.Layer,
        file.IsRepeated ? "repeated" : file.IsReplaced ? "replaced" : "removed");
}
