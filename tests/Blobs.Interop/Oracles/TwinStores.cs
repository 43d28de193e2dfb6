using Blobs.Interop.Inputs;
using Blobs.Interop.Seen;

namespace Blobs.Interop.Oracles;

/// <summary>The same stack of layers in two stores: one filled by the real engine, now stopped, and one by us.</summary>
internal sealed class TwinStores
{
    public required IReadOnlyList<string> Layers { get; init; }

    public required IReadOnlyList<string> ChainIds { get; init; }

    public required IReadOnlyList<IngestedLayer> Ingested { get; init; }

    public required EngineStore Theirs { get; init; }

    public required EngineStore Ours { get; init; }

    public required string TheirRoot { get; init; }

    /// <summary>Before anything was unpacked: later times are the run's, not the archive's.</summary>
    public required DateTimeOffset Started { get; init; }

    public static async Task<TwinStores> FillAsync(TemporaryRoot temporary, string driver, IReadOnlyList<string> layers)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        string theirRoot = temporary[$"theirs-{driver}"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, theirRoot, driver))
        {
            string archive = temporary[$"image-{driver}.tar"];
            DockerArchive.Write(archive, "twin:latest", layers, "/bin/sh");
            await engine.RunAsync("load", "--quiet", "--input", archive);
        }

        string ourRoot = temporary.Folder($"ours-{driver}");
        return new TwinStores
        {
            Layers = layers,
            ChainIds = Sha256Text.Chains(layers.Select(Sha256Text.OfFile)),
            Ingested = await BlobsCommand.IngestStackAsync(layers, ourRoot, driver),
            Theirs = new EngineStore(theirRoot, driver),
            Ours = new EngineStore(ourRoot, driver),
            TheirRoot = theirRoot,
            Started = started,
        };
    }
}
