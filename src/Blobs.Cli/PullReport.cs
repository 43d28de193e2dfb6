using System.Globalization;
using Blobs.Cli.Stores;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>What <c>pull</c> prints.</summary>
internal sealed record PullReport
{
    public required string Reference { get; init; }

    public required string Digest { get; init; }

    public required string ImageId { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required int Layers { get; init; }

    public required int NewLayers { get; init; }

    public required string Root { get; init; }

    public required string Driver { get; init; }

    public required double Seconds { get; init; }

    public static PullReport From(ImageSink sink, ImageReference reference, TakenImage image, TimeSpan time) => new()
    {
        Reference = $"{reference.WithDefaultTag()}",
        Digest = $"{image.Manifest}",
        ImageId = $"{image.Id}",
        Names = [.. image.Names.Select(name => name.Familiar)],
        Layers = image.LayerCount,
        NewLayers = image.NewLayers,
        Root = sink.Name,
        Driver = sink.Driver,
        Seconds = Math.Round(time.TotalSeconds, 3),
    };

    /// <summary>Writes all of it; with <paramref name="isQuiet"/>, the name alone, as docker does.</summary>
    public void WriteText(TextWriter output, bool isQuiet)
    {
        if (isQuiet)
        {
            output.WriteLine(Reference);
            return;
        }

        output.WriteLine($"Name    {Reference}");
        output.WriteLine($"Digest  {Digest}");
        output.WriteLine($"Image   {ImageId}");
        output.WriteLine($"Layers  {Layers}, {NewLayers} new");
        output.WriteLine($"Root    {Root} ({Driver})");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Time    {Seconds:f2} s"));
    }
}
