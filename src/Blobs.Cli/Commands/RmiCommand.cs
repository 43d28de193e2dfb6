using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Errors;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs rmi REF…</c>: removes names, images and layers as docker does.</summary>
internal static class RmiCommand
{
    private const string WhenCancelled =
        "names and images already removed stay removed; the next change to the root removes layers that only they needed";

    public static Command Create()
    {
        Argument<StoredName[]> names = StoredName.Arguments("IMAGE", "Names or ids of images.");
        var force = new Option<bool>("--force", "-f")
        {
            Description = "Also remove an image that stopped containers use; by its id, also one with several names.",
        };
        var keepParents = new Option<bool>("--no-prune") { Description = "Keep untagged parent images." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var stores = new StoreOptions(writes: true);
        var command = new Command("rmi", "Remove names from images, and images that have no names left.")
        {
            names, force, keepParents, json, quiet,
        };
        stores.AddTo(command);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            using OpenedStores opened = stores.Open(arguments, cancellationToken);
            var options = new RemoveOptions(arguments.GetValue(force), arguments.GetValue(keepParents));
            var removed = new List<RemovedReport>();
            var faults = new List<BlobsException>();
            try
            {
                foreach (StoredName name in arguments.GetRequiredValue(names))
                {
                    try
                    {
                        ImageStore store = await opened.OfAsync(name).ConfigureAwait(false);
                        removed.AddRange(await store.RemoveAsync(name.Name, options, cancellationToken).ConfigureAwait(false));
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
                KeptLayers.Report(removed, arguments.GetValue(quiet));
            }

            if (faults.Count > 0)
            {
                throw new WorkFailedException(string.Join("; ", faults.Select(fault => fault.Message)), faults[0]);
            }
        });
        return command.With("blobs rmi alpine:3.18", "blobs rmi --force 7b4130c2f55f", "blobs rmi containers-storage:alpine:3.18");
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
