using System.Globalization;
using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>What a verb calls the steps of a layer; the words are docker's.</summary>
internal sealed record LayerWords(string Reading, string Done)
{
    private const double NotableShare = 0.05;

    public static LayerWords Load { get; } = new("Loading layer", "Layer done");

    public static LayerWords Save { get; } = new("Writing layer", "Layer done");

    public static LayerWords Pull { get; } = new("Pulling", "Pull complete") { Exists = "Already exists" };

    public static LayerWords Push { get; } = new("Pushing", "Pushed");

    public string Exists { get; init; } = "Layer already exists";

    /// <summary>How large a layer is, both ways.</summary>
    public static string Sizes(string compression, long compressedBytes, long uncompressedBytes, long entries)
    {
        string count = string.Create(CultureInfo.InvariantCulture, $"{entries:N0} {(entries == 1 ? "entry" : "entries")}");
        return $"{Bytes.Show(compressedBytes)} {compression} → {Bytes.Show(uncompressedBytes)} tar, {count}";
    }

    /// <summary>The line with the time. A pass that waited for its input says so: its speed is not that of the program before the
    /// pipe.</summary>
    public static string Time(double seconds, double waitingSeconds, double megabytesPerSecond)
    {
        double pass = seconds - waitingSeconds;
        string rate = string.Create(CultureInfo.InvariantCulture, $"{pass:f2} s, {megabytesPerSecond:f0} MB/s");
        return waitingSeconds < NotableShare * seconds
            ? $"Time     {rate}"
            : string.Create(CultureInfo.InvariantCulture, $"Time     {rate}; and {waitingSeconds:f2} s waiting for the input");
    }

    public string Of(TransferStep step) => step switch
    {
        TransferStep.Reading => Reading,
        TransferStep.Done => Done,
        TransferStep.Skipped => "Skipped foreign layer",
        TransferStep.Mounted => "Mounted from another repository",
        TransferStep.Spooling => "this storage driver needs layers from the base up: the archive is kept in a temporary file first",
        _ => Exists,
    };
}
