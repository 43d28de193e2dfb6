using System.CommandLine;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layers</c>: the layers of a data root.</summary>
internal static class LayersCommand
{
    public static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        var root = new RootOptions(writes: false);
        var command = new Command("layers", "List layers.") { json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            LayerStore store = locked.Root.Layers;
            LayerReferences references = store.References();
            ILookup<ChainId?, string> images = locked.Root.Images.Images().ToLookup(image => image.Config.ChainId, image => $"{image.Id}");
            LayerReport[] layers = [.. store.Layers().Select(layer => LayerReport.From(layer, references, [.. images[layer.ChainId]]))];
            if (arguments.GetValue(json))
            {
                Output.WriteJson(layers, CliJson.Default.LayerReportArray);
                return;
            }

            Console.Out.WriteLine($"{"CHAINID",-19}  {"DIFFID",-19}  {"PARENT",-19}  {"REFS",4}  {"SIZE",10}");
            foreach (LayerReport layer in layers)
            {
                string ids = $"{Shorten(layer.ChainId)}  {Shorten(layer.DiffId)}  {Shorten(layer.Parent),-19}";
                Console.Out.WriteLine($"{ids}  {layer.References,4}  {Bytes.Show(layer.Size),10}");
            }
        });
        return command.With("blobs layers", "blobs layers --root /var/lib/docker --json");
    }

    // The algorithm and twelve digits.
    private static string Shorten(string? id) => id is null ? "" : id[..(DigestText.Sha256Prefix.Length + DigestText.ShortLength)];
}
