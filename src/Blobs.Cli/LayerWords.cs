using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>What a verb calls the steps of a layer; the words are docker's.</summary>
internal sealed record LayerWords(string Reading, string Done, string Exists, string Mounted)
{
    public static LayerWords Pull { get; } = new("Pulling", "Pull complete", "Already exists", "Mounted");

    public static LayerWords Push { get; } = new("Pushing", "Pushed", "Layer already exists", "Mounted");

    public string Of(TransferStep step) => step switch
    {
        TransferStep.Reading => Reading,
        TransferStep.Done => Done,
        TransferStep.Mounted => Mounted,
        _ => Exists,
    };
}
