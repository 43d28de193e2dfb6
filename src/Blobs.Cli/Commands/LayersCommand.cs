using System.CommandLine;
using Blobs.Layers;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layers</c>: what the store holds.</summary>
internal static class LayersCommand
{
    public static Command Create()
    {
        Option<string> root = CommonOptions.Root();
        Option<string?> driver = CommonOptions.Driver();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("layers", "List the layers of the store.") { root, driver, json };
        command.Runs((arguments, _) =>
        {
            LayerStore store = LayerStore.Open(
                arguments.GetRequiredValue(root), new LayerStoreOptions { Driver = arguments.GetValue(driver) });
            LayerReport[] layers = [.. store.Layers().Select(LayerReport.From)];
            if (arguments.GetValue(json))
            {
                Output.WriteJson(layers, CliJson.Default.LayerReportArray);
                return Task.CompletedTask;
            }

            Console.Out.WriteLine($"{"CHAINID",-19}  {"DIFFID",-19}  {"PARENT",-19}  {"SIZE",10}");
            foreach (LayerReport layer in layers)
            {
                Console.Out.WriteLine(
                    $"{Shorten(layer.ChainId)}  {Shorten(layer.DiffId)}  {Shorten(layer.Parent),-19}  {Bytes.Show(layer.Size),10}");
            }

            return Task.CompletedTask;
        });
        return command.With("blobs layers", "blobs layers --root /var/lib/docker --json");
    }

    // The algorithm and twelve digits, as docker shows them.
    private static string Shorten(string? id) => id is null ? "" : id[..("sha256:".Length + 12)];
}
