namespace Blobs.Cli.Contents;

/// <summary>What <c>cat</c>, <c>cp</c> and <c>export</c> say with <c>--json</c>.</summary>
/// <param name="Place">The place.</param>
/// <param name="Path">The path in it.</param>
/// <param name="Bytes">Bytes that were written: content, or tar.</param>
/// <param name="BytesRead">Bytes that were read from the layers, compressed where they are.</param>
/// <param name="LayersRead">How many times a layer was opened.</param>
/// <param name="Layers">How many layers there are.</param>
internal sealed record CopiedReport(string Place, string Path, long Bytes, long BytesRead, int LayersRead, int Layers)
{
    public static CopiedReport From(OpenedFiles files, string path, long bytes) =>
        new($"{files.Place.Place}", path, bytes, files.System.BytesRead, files.System.LayersRead, files.Place.Layers.Count);

    public string Describe() => $"{Cli.Bytes.Show(Bytes)}, {Cli.Bytes.Show(BytesRead)} read from {LayersRead} of {Layers} layers";
}
