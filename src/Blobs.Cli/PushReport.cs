using System.Globalization;
using Blobs.Images;

namespace Blobs.Cli;

/// <summary>What <c>push</c> prints.</summary>
internal sealed record PushReport
{
    public required string Reference { get; init; }

    public required string Digest { get; init; }

    public required string ImageId { get; init; }

    /// <summary>Layers that were uploaded; the registry already had the others.</summary>
    public required int SentLayers { get; init; }

    public required double Seconds { get; init; }

    public static PushReport From(TakenImage image, TimeSpan time) => new()
    {
        Reference = $"{image.Names[0]}",
        Digest = $"{image.Manifest}",
        ImageId = $"{image.Id}",
        SentLayers = image.NewLayers,
        Seconds = Math.Round(time.TotalSeconds, 3),
    };

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"Name    {Reference}");
        output.WriteLine($"Digest  {Digest}");
        output.WriteLine($"Image   {ImageId}");
        output.WriteLine($"Layers  {SentLayers} uploaded");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Time    {Seconds:f2} s"));
    }
}
