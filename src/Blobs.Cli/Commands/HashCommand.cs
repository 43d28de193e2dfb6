using System.CommandLine;
using System.Diagnostics;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs hash FILE|-</c>: a layer's digest and DiffID, without a store.</summary>
internal static class HashCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The layer: tar, tar.gz or tar.zst; - reads standard input." };
        var recording = new Option<string?>("--tar-split")
        {
            Description = "Also write the tar's recording, as tar-split disasm does; with -, it goes to stdout and the report to stderr.",
            HelpName = "FILE",
        };
        Option<Digest?> expectedDigest = CommonOptions.ExpectedDigest();
        Option<DiffId?> expectedDiffId = CommonOptions.ExpectedDiffId();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("hash", "Print a layer's digest and DiffID, without unpacking it.")
        {
            file, recording, expectedDigest, expectedDiffId, json, quiet,
        };
        command.Runs("nothing was written", async (arguments, cancellationToken) =>
        {
            string name = arguments.GetRequiredValue(file);
            var clock = Stopwatch.StartNew();
            await using Stream source = Inputs.OpenRead(name, out long? length);
            LayerSummary summary;
            try
            {
                summary = await ProgressBar.RunAsync(
                    arguments.GetValue(quiet) || arguments.GetValue(json),
                    "hash",
                    length,
                    progress =>
                    {
                        var options = new LayerPipelineOptions
                        {
                            ExpectedDigest = arguments.GetValue(expectedDigest),
                            ExpectedDiffId = arguments.GetValue(expectedDiffId),
                            Progress = progress,
                        };
                        return arguments.GetValue(recording) is { } target
                            ? TarSplitFile.RecordAsync(source, target, options, cancellationToken)
                            : LayerPipeline.RunAsync(source, options, cancellationToken);
                    }).ConfigureAwait(false);
            }
            catch (BlobsException fault) when (fault is not (SystemCallException or StoreException))
            {
                throw new WorkFailedException($"{(name == "-" ? "standard input" : name)}: {fault.Message}", fault);
            }

            HashReport report = HashReport.From(summary, clock.Elapsed);
            Output.WriteReport(
                report, CliJson.Default.HashReport, arguments.GetValue(json), report.WriteText, arguments.GetValue(recording));
        });
        return command.With("blobs hash layer.tar.gz", "blobs hash layer.tar.zst --tar-split tar-data.json.gz --json");
    }
}
