using System.CommandLine;
using System.Globalization;
using Blobs.Cli.Registries;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs gc</c>: collects the garbage of a registry's store.</summary>
internal static class CollectCommand
{
    private const int UploadHours = 168;

    public static Command Create()
    {
        StorePlaceOptions store = StorePlaceOptions.Create();
        var collecting = new CollectOptions();
        var hours = new Option<int>("--upload-hours")
        {
            Description = "Delete uploads that were started more than N hours ago.",
            HelpName = "N",
            DefaultValueFactory = _ => UploadHours,
        };
        Option<TimeSpan?> wait = Wait();
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be deleted, and delete nothing." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command(
            "gc",
            "Delete what nothing in a registry's store needs (collect garbage). `blobs serve` may accept pushes meanwhile. "
            + "docker-registry must not: it takes no part.")
        {
            hours, wait, dryRun, json, quiet,
        };
        store.AddTo(command);
        collecting.AddTo(command);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            IRegistryStorage storage = await store.Of(arguments).OpenExistingAsync(cancellationToken).ConfigureAwait(false);
            bool isDry = arguments.GetValue(dryRun);
            bool isJson = arguments.GetValue(json);
            var items = new Items(keeps: isJson, prints: !isJson && !arguments.GetValue(quiet));
            if (await storage.KeepsDeletedAsync(cancellationToken).ConfigureAwait(false))
            {
                Console.Error.WriteLine(
                    "blobs: the bucket keeps versions of what is deleted: this frees no space until a lifecycle rule removes them");
            }

            CollectionReport done = await new RegistryCollector(storage).RunAsync(
                collecting.Read(arguments) with
                {
                    DryRun = isDry,
                    UploadAge = TimeSpan.FromHours(arguments.GetValue(hours)),
                    Wait = arguments.GetValue(wait) ?? TimeSpan.Zero,
                    Deleted = items,
                },
                cancellationToken).ConfigureAwait(false);
            CollectReport.WriteNotices(Console.Error, done);
            Output.WriteReport(
                CollectReport.From(done, items.All, isDry),
                CliJson.Default.CollectReport,
                isJson,
                output => CollectReport.WriteSummary(output, done, isDry));
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetValue(dryRun)
            ? "nothing was deleted"
            : "what was already deleted stays deleted; nothing that is needed was touched";

        return command.With(
            "blobs gc --store /var/lib/registry --dry-run",
            "blobs gc --store /var/lib/registry --untagged --keep-tags 10 --older-than 30d --repository 'ci/*'");
    }

    private static Option<TimeSpan?> Wait() => new("--wait")
    {
        Description = "Wait while another collection runs, for SECONDS or without a limit. Default: fail at once.",
        HelpName = "SECONDS",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return TimeSpan.MaxValue;
            }

            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                return TimeSpan.FromSeconds(seconds);
            }

            result.AddError("--wait takes a number of seconds, 0 or more.");
            return null;
        },
    };

    // Prints each item when it is deleted: there may be more of them than fit into memory.
    private sealed class Items(bool keeps, bool prints) : IProgress<CollectedItem>
    {
        private readonly Lock _lock = new();
        private readonly List<CollectedItem> _all = [];

        public IReadOnlyList<CollectedItem> All => _all;

        public void Report(CollectedItem value)
        {
            lock (_lock)
            {
                if (keeps)
                {
                    _all.Add(value);
                }

                if (prints)
                {
                    Console.Out.WriteLine(CollectReport.Line(value));
                }
            }
        }
    }
}
