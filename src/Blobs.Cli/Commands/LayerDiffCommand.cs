using System.CommandLine;
using System.Diagnostics;
using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Pipeline;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layer diff</c>: what a container, or any changed tree, would add as a new layer.</summary>
internal static class LayerDiffCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("CONTAINER")
        {
            Description = "A read-write layer: the id of its container, or the start of one that no other has.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var tree = new Option<string?>("--tree")
        {
            Description = "Instead of a container's layer, a directory to be compared with the whole tree of --parent.",
            HelpName = "DIR",
        };
        Option<ChainId?> parent = CommonOptions.Parsed<ChainId>(
            "--parent", "CHAINID", "The layer that DIR is a changed copy of; none for everything in it.");
        Option<DiffForm> form = CommonOptions.DiffForm();
        Option<string> root = CommonOptions.Root();
        Option<string?> driver = CommonOptions.Driver();
        Option<string> output = CommonOptions.Output();
        Option<bool> json = CommonOptions.JsonBesideData();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("diff", "Give the tar of a change, as docker commit would make a layer of it.")
        {
            name, tree, parent, form, root, driver, output, json, quiet,
        };
        command.Validators.Add(result =>
        {
            bool hasTree = result.GetValue(tree) is not null;
            if (hasTree == result.GetValue(name) is not null || (!hasTree && result.GetValue(parent) is not null))
            {
                result.AddError("Give either CONTAINER, or --tree DIR and perhaps --parent CHAINID.");
            }
        });
        command.Runs("no whole tar was written", async (arguments, cancellationToken) =>
        {
            var clock = Stopwatch.StartNew();
            LayerStore store = LayerStore.Open(
                arguments.GetRequiredValue(root), new LayerStoreOptions { Driver = arguments.GetValue(driver) });
            var options = new LayerDiffOptions { Form = arguments.GetValue(form) };
            using RootLock taken = await RootAccess.ReadAsync(store.Root, cancellationToken).ConfigureAwait(false);
            ReadWriteLayer? layer = arguments.GetValue(name) is { } start ? store.FindReadWrite(start) : null;
            ChainId? below = layer is null ? arguments.GetValue(parent) : layer.Parent;
            LayerSummary? summary = null;
            string file = arguments.GetRequiredValue(output);
            await Output.WriteFileAsync(file, async target =>
            {
                summary = layer is null
                    ? await store.DiffTreeAsync(arguments.GetValue(tree)!, below, target, options, cancellationToken).ConfigureAwait(false)
                    : await store.DiffAsync(layer.Name, target, options, cancellationToken).ConfigureAwait(false);
                return summary.UncompressedBytes;
            }, cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(DiffReport.From(summary!, below, clock.Elapsed), CliJson.Default.DiffReport, file);
            }
            else if (!arguments.GetValue(quiet))
            {
                Console.Error.WriteLine($"{summary!.DiffId}  {Bytes.Show(summary.UncompressedBytes)}");
            }
        });
        return command.With(
            "blobs layer diff CONTAINER --root /var/lib/docker -o change.tar",
            "blobs layer diff CONTAINER | blobs ingest - --parent sha256:…",
            "blobs layer diff --tree ./changed --parent sha256:… -o change.tar");
    }
}
