using System.CommandLine;
using Blobs.Distribution.Client;
using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary>What the verbs share that make or change manifests: the options, the progress, and the report.</summary>
internal static class ManifestWork
{
    /// <summary>Makes <paramref name="work"/> the action of a verb; it prints the digest of the result.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="whenCancelled">What Ctrl-C leaves behind.</param>
    /// <param name="options">Makes the options from the client and the number of jobs.</param>
    /// <param name="work">What the verb does.</param>
    public static void Runs(
        Command command,
        string whenCancelled,
        Func<ParseResult, RegistryClient, int?, CopyOptions> options,
        Func<ParseResult, CopyOptions, IProgress<TransferProgress>?, CancellationToken, Task<CopyResult>> work)
    {
        var registry = new RegistryAccessOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        command.Options.Add(json);
        command.Options.Add(quiet);
        registry.AddTo(command);
        command.Runs(whenCancelled, async (arguments, cancellationToken) =>
        {
            using RegistryClient client = registry.Connect(arguments);
            CopyOptions made = options(arguments, client, arguments.GetValue(registry.Jobs));
            CopyResult copied = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet), LayerWords.Copy, progress => work(arguments, made, progress, cancellationToken))
                .ConfigureAwait(false);
            Output.WriteReport(
                CopyReport.From(copied),
                ImageJson.Default.CopyReport,
                arguments.GetValue(json),
                text => text.WriteLine($"{copied.Digest}"));
        });
    }
}
