using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Distribution.Client;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs sync FROM TO</c>: copies the tags of a repository that the target lacks.</summary>
internal static class SyncCommand
{
    private const string Forms = "a repository in a registry, or oci:DIR";

    public static Command Create()
    {
        Argument<Place> from = ManifestArguments.Repository("FROM", $"The source: {Forms}.");
        Argument<Place> to = ManifestArguments.Repository("TO", $"The target: {Forms}.");
        Option<string[]> tags = new("--tag")
        {
            Description = "Tags to copy, a pattern with * and ?; may be repeated. Default: all but those of signatures.",
            HelpName = "GLOB",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<bool> all = CopyCommand.All();
        Option<bool> isDryRun = new("--dry-run") { Description = "Say what would be copied, and copy nothing." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var registry = new RegistryAccessOptions();
        var targetRegistry = new TargetAccessOptions(registry);
        var command = new Command("sync", "Copy the tags of a repository that another one lacks, unchanged.")
        {
            from, to, tags, all, isDryRun, json, quiet,
        };
        registry.AddTo(command);
        targetRegistry.AddTo(command);
        command.Runs("tags already copied stay; the next run goes on with the others", async (arguments, cancellationToken) =>
        {
            using RegistryClient client = registry.Connect(arguments);
            using RegistryClient? targetClient = targetRegistry.Connect(arguments);
            var options = new CopyOptions
            {
                WithReferrers = arguments.GetValue(all),
                Client = client,
                TargetClient = targetClient,
                LayersAtOnce = arguments.GetValue(registry.Jobs),
            };
            ImagePlace source = arguments.GetRequiredValue(from).Image!;
            IReadOnlyList<SyncedTag> synced = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet),
                LayerWords.Copy,
                progress => RepositorySync.RunAsync(
                    source,
                    arguments.GetRequiredValue(to).Image!,
                    arguments.GetValue(tags) ?? [],
                    arguments.GetValue(isDryRun),
                    options,
                    progress,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
            SyncReport[] reports = [.. synced.Select(tag => SyncReport.From(tag, arguments.GetValue(isDryRun)))];
            Output.WriteReport(
                reports,
                ImageJson.Default.SyncReportArray,
                arguments.GetValue(json),
                text => SyncReport.WriteText(reports, text));
            Conclude(source, synced);
        });
        return command.With(
            "blobs sync registry.example/app 127.0.0.1:5000/app --tag 'v1.*' --dry-run",
            "blobs sync registry.example/app oci:mirror --all");
    }

    private static void Conclude(ImagePlace source, IReadOnlyList<SyncedTag> synced)
    {
        int failed = synced.Count(tag => tag.State == SyncState.Failed);
        if (failed > 0)
        {
            throw new WorkFailedException($"{failed} of {synced.Count} tags failed");
        }

        if (synced.Count == 0)
        {
            throw new WorkFailedException($"{source}: has no such tag");
        }
    }
}
