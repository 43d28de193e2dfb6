using System.Globalization;
using Blobs.Images;

namespace Blobs.Cli;

/// <summary>The words that a verb prints for the steps of a layer; they are docker's.</summary>
internal sealed record LayerWords(string Reading, string Done)
{
    private const double NotableShare = 0.05;

    public static LayerWords Load { get; } = new("Loading layer", "Layer done");

    public static LayerWords Save { get; } = new("Writing layer", "Layer done");

    public static LayerWords Read { get; } = new("Reading", "Read");

    public static LayerWords Pull { get; } = new("Pulling", "Pull complete") { Exists = "Already exists" };

    public static LayerWords Push { get; } = new("Pushing", "Pushed");

    public static LayerWords Copy { get; } = new("Copying", "Copied") { Exists = "Already exists" };

    public string Exists { get; init; } = "Layer already exists";

    /// <summary>A layer's compressed and uncompressed size.</summary>
    public static string Sizes(string compression, long compressedBytes, long uncompressedBytes, long entries)
    {
        string count = string.Create(CultureInfo.InvariantCulture, $"{entries:N0} {(entries == 1 ? "entry" : "entries")}");
        return $"{Bytes.Show(compressedBytes)} {compression} → {Bytes.Show(uncompressedBytes)} tar, {count}";
    }

    /// <summary>The line with time and rate. Time spent waiting for input is shown separately: a slow producer does
    /// not lower our rate.</summary>
    public static string Time(double seconds, double waitingSeconds, double megabytesPerSecond)
    {
        double pass = seconds - waitingSeconds;
        string rate = string.Create(CultureInfo.InvariantCulture, $"{pass:f2} s, {megabytesPerSecond:f0} MB/s");
        return waitingSeconds < NotableShare * seconds
            ? $"Time     {rate}"
            : string.Create(CultureInfo.InvariantCulture, $"Time     {rate}, plus {waitingSeconds:f2} s waiting for input");
    }

    public string Of(TransferStep step) => step switch
    {
        TransferStep.Reading => Reading,
        TransferStep.Done => Done,
        TransferStep.Skipped => "Skipped foreign layer",
        TransferStep.Mounted => "Mounted from another repository",
        TransferStep.Spooling => "this storage driver needs the base layer first: copying the archive to a temporary file",
        _ => Exists,
    };
}
