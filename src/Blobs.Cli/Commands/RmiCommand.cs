using System.CommandLine;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs rmi REF…</c>: removes names, images and layers as docker does.</summary>
internal static class RmiCommand
{
    private const string WhenCancelled =
        "names and images already removed stay removed; the next change to the root removes layers that only they needed";

    public static Command Create()
    {
        Argument<string[]> names = new Argument<string[]>("IMAGE")
        {
            Description = "Names or ids of images.",
            Arity = ArgumentArity.OneOrMore,
        }
            .ForImages();
        var force = new Option<bool>("--force", "-f") { Description = "Also remove an image that stopped containers use." };
        var keepParents = new Option<bool>("--no-prune") { Description = "Keep untagged parent images." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var root = new RootOptions(writes: true);
        var command = new Command("rmi", "Remove names from images, and images that have no names left.")
        {
            names, force, keepParents, json, quiet,
        };
        root.AddTo(command);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            var removed = new List<RemovedReport>();
            var kept = new List<KeptLayer>();
            var faults = new List<BlobsException>();
            try
            {
                foreach (string name in arguments.GetRequiredValue(names))
                {
                    try
                    {
                        Removal<Removed> gone = await locked.Root.RemoveImageAsync(
                            name, arguments.GetValue(force), arguments.GetValue(keepParents), cancellationToken).ConfigureAwait(false);
                        removed.AddRange(gone.Select(RemovedReport.From));
                        removed.AddRange(gone.Kept.Select(layer => RemovedReport.From(layer, gone.Problem)));
                        kept.AddRange(gone.Problem is null ? gone.Kept : []);
                    }
                    catch (BlobsException fault)
                    {
                        // A failure does not stop the removal of the others.
                        faults.Add(fault);
                    }
                }
            }
            finally
            {
                // Also after a cancellation: report what was removed before it.
                Write(removed, arguments.GetValue(json), arguments.GetValue(quiet));
                KeptLayers.Report(kept, arguments.GetValue(quiet));
            }

            if (faults.Count > 0)
            {
                throw new WorkFailedException(string.Join("; ", faults.Select(fault => fault.Message)), faults[0]);
            }
        });
        return command.With("blobs rmi alpine:3.18", "blobs rmi --force 7b4130c2f55f");
    }

    private static void Write(List<RemovedReport> removed, bool asJson, bool isQuiet)
    {
        if (asJson)
        {
            Output.WriteJson([.. removed], ImageJson.Default.RemovedReportArray);
            return;
        }

        foreach (RemovedReport item in isQuiet ? [] : removed.Where(item => item.Kept is null))
        {
            Console.Out.WriteLine(item.Untagged is null ? $"Deleted: {item.Deleted}" : $"Untagged: {item.Untagged}");
        }
    }
}
