using System.CommandLine;
using System.Diagnostics;
using Blobs.Cli.Stores;
using Blobs.Docker.Layers;
using Blobs.Pipeline;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layer</c>: export gives a layer's original tar, diff the tar of a container's changes, prune removes layers
/// that nothing needs.</summary>
internal static class LayerCommand
{
    public static Command Create() =>
        new Command("layer", "Export, compare and prune layers.") { CreateExport(), LayerDiffCommand.Create(), LayerPruneCommand.Create() }
            .With("blobs layer export sha256:… -o layer.tar", "blobs layer diff CONTAINER -o change.tar", "blobs layer prune --dry-run");

    private static Command CreateExport()
    {
        var id = new Argument<string>("ID") { Description = "ChainID or DiffID of the layer, or a unique prefix." };
        Option<string> root = CommonOptions.Root();
        Option<string?> driver = CommonOptions.Driver();
        Option<string> output = CommonOptions.Output();
        Option<bool> json = CommonOptions.JsonBesideData();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("export", "Write the layer's original tar, bit for bit, and check it against its DiffID.")
        {
            id, root, driver, output, json, quiet,
        };
        command.Runs("no complete tar was written", async (arguments, cancellationToken) =>
        {
            var clock = Stopwatch.StartNew();
            LayerStore store = LayerStore.Open(
                RootPlace.Docker(arguments.GetRequiredValue(root)), new DockerRootOptions { Driver = arguments.GetValue(driver) });
            using RootLock rootLock = await RootAccess.ReadAsync(store.Root, cancellationToken).ConfigureAwait(false);
            Layer layer = store.Find(arguments.GetRequiredValue(id));
            string file = arguments.GetRequiredValue(output);
            long bytes = await Output.WriteFileAsync(file, async target =>
            {
                EncodedLayer tar = await store.ExportAsync(
                    layer.ChainId, target, cancellationToken: cancellationToken).ConfigureAwait(false);
                return tar.Length;
            }, cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(ExportReport.From(layer, bytes, clock.Elapsed), CliJson.Default.ExportReport, file);
            }
            else if (!arguments.GetValue(quiet))
            {
                Console.Error.WriteLine($"{layer.DiffId}  {Bytes.Show(bytes)}  {Bytes.Rate(bytes, clock.Elapsed)}");
            }
        });
        return command.With(
            "blobs layer export sha256:… -o layer.tar",
            "blobs layer export sha256:… | sha256sum");
    }
}
