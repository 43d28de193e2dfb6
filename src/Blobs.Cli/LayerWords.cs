using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>What a verb calls the steps of a layer; the words are docker's.</summary>
internal sealed record LayerWords(string Reading, string Done)
{
    public static LayerWords Load { get; } = new("Loading layer", "Layer done");

    public static LayerWords Save { get; } = new("Writing layer", "Layer done");

    public static LayerWords Pull { get; } = new("Pulling", "Pull complete") { Exists = "Already exists" };

    public static LayerWords Push { get; } = new("Pushing", "Pushed");

    public string Exists { get; init; } = "Layer already exists";

    public string Of(TransferStep step) => step switch
    {
        TransferStep.Reading => Reading,
        TransferStep.Done => Done,
        TransferStep.Mounted => "Mounted from another repository",
        TransferStep.Spooling => "this storage driver needs layers from the base up: the archive is kept in a temporary file first",
        _ => Exists,
    };
}
