using Blobs.Pipeline;

namespace Blobs.Cli;

/// <summary>What <c>erofs export --json</c> prints.</summary>
internal sealed record ErofsExportReport(string DiffId, long Bytes, double Seconds, double MegabytesPerSecond)
{
    public static ErofsExportReport From(EncodedLayer tar, TimeSpan time) => new(
        $"{tar.DiffId}", tar.Length, Math.Round(time.TotalSeconds, 3), Math.Round(Cli.Bytes.MegabytesPerSecond(tar.Length, time), 1));
}
