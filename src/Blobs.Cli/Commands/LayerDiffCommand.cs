using System.CommandLine;
using System.Diagnostics;
using Blobs.Cli.Stores;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layer diff</c>: the layer that the changes of a container, or of any tree, would make.</summary>
internal static class LayerDiffCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("CONTAINER")
        {
            Description = "Name or id of the container.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var tree = new Option<string?>("--tree")
        {
            Description = "Directory to compare with the tree of --parent, instead of a container.",
            HelpName = "DIR",
        };
        Option<ChainId?> parent = CommonOptions.Parsed<ChainId>(
            "--parent", "CHAINID", "Layer that DIR is a changed copy of. Default: none, so all of DIR counts as new.");
        Option<DiffForm> form = CommonOptions.DiffForm();
        Option<string> root = CommonOptions.Root();
        Option<string?> driver = CommonOptions.Driver();
        Option<string> output = CommonOptions.Output();
        Option<bool> json = CommonOptions.JsonBesideData();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("diff", "Write the changes of a container as a layer's tar, as docker commit would.")
        {
            name, tree, parent, form, root, driver, output, json, quiet,
        };
        command.Validators.Add(result =>
        {
            bool hasTree = result.GetValue(tree) is not null;
            if (hasTree == result.GetValue(name) is not null || (!hasTree && result.GetValue(parent) is not null))
            {
                result.AddError("Give either CONTAINER, or --tree DIR with an optional --parent CHAINID.");
            }
        });
        command.Runs("no complete tar was written", async (arguments, cancellationToken) =>
        {
            var clock = Stopwatch.StartNew();
            DockerRoot docker = DockerRoot.Open(
                RootPlace.Docker(arguments.GetRequiredValue(root)), new DockerRootOptions { Driver = arguments.GetValue(driver) });
            LayerStore store = docker.Layers;
            var options = new LayerDiffOptions { Form = arguments.GetValue(form) };
            using RootLock rootLock = await RootAccess.ReadAsync(store.Root, cancellationToken).ConfigureAwait(false);
            ReadWriteLayer? layer = arguments.GetValue(name) is { } start ? Find(docker, start) : null;
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

    // A layer can outlive its container's files.
    private static ReadWriteLayer Find(DockerRoot root, string name)
    {
        try
        {
            return root.Layers.FindReadWrite(root.Containers.Find(name).Id);
        }
        catch (NotFoundException)
        {
            return root.Layers.FindReadWrite(name);
        }
    }
}
