using System.Globalization;
using Blobs.Erofs;

namespace Blobs.Cli;

/// <summary>What <c>erofs</c> prints.</summary>
internal sealed record ErofsReport
{
    public required string Digest { get; init; }

    public required string DiffId { get; init; }

    public required string Compression { get; init; }

    public required long CompressedBytes { get; init; }

    public required long UncompressedBytes { get; init; }

    public required long Entries { get; init; }

    public required string Image { get; init; }

    public required string Layout { get; init; }

    public required long ImageBytes { get; init; }

    /// <summary>The root hash of the dm-verity tree; null without one.</summary>
    public required string? VerityRootHash { get; init; }

    /// <summary>Where the tree begins in the image.</summary>
    public required long? VerityOffset { get; init; }

    public required long SkippedXattrs { get; init; }

    public required double Seconds { get; init; }

    /// <summary>The part of <see cref="Seconds"/> spent waiting for input.</summary>
    public required double WaitingSeconds { get; init; }

    /// <summary>Uncompressed bytes per second, without the waiting.</summary>
    public required double MegabytesPerSecond { get; init; }

    public static ErofsReport From(ErofsSummary summary, string image, ErofsLayout layout, TimeSpan time) => new()
    {
        Digest = $"{summary.Layer.Digest}",
        DiffId = $"{summary.Layer.DiffId}",
        Compression = summary.Layer.Compression.ToString().ToLowerInvariant(),
        CompressedBytes = summary.Layer.CompressedBytes,
        UncompressedBytes = summary.Layer.UncompressedBytes,
        Entries = summary.Layer.EntryCount,
        Image = image,
        Layout = layout.ToString().ToLowerInvariant(),
        ImageBytes = summary.ImageBytes,
        VerityRootHash = summary.Verity?.RootHash,
        VerityOffset = summary.Verity?.HashOffset,
        SkippedXattrs = summary.SkippedXattrs,
        Seconds = Math.Round(time.TotalSeconds, 3),
        WaitingSeconds = Math.Round(summary.Layer.SourceWait.TotalSeconds, 3),
        MegabytesPerSecond = Math.Round(
            Bytes.MegabytesPerSecond(summary.Layer.UncompressedBytes, time - summary.Layer.SourceWait), 1),
    };

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"Digest   {Digest}");
        output.WriteLine($"DiffID   {DiffId}");
        output.WriteLine($"Layer    {LayerWords.Sizes(Compression, CompressedBytes, UncompressedBytes, Entries)}");
        output.WriteLine($"Image    {Image} ({Layout}, {Bytes.Show(ImageBytes)})");
        if (VerityRootHash is not null)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Verity   {VerityRootHash} (root hash; tree at byte {VerityOffset})"));
        }

        output.WriteLine(LayerWords.Time(Seconds, WaitingSeconds, MegabytesPerSecond));
    }

    /// <summary>Notes what the image does not have.</summary>
    public void WriteNotes(TextWriter output)
    {
        if (SkippedXattrs > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"note: left out {SkippedXattrs:N0} extended attributes that EROFS has no form for or overlayfs would obey"));
        }
    }
}
