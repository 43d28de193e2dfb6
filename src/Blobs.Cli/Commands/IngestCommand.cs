using System.CommandLine;
using System.Diagnostics;
using Blobs.BlobDirectories;
using Blobs.Cli.Stores;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs ingest FILE|-</c>: unpacks one layer into a data root.</summary>
internal static class IngestCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The layer: tar, tar.gz or tar.zst; - reads standard input." };
        Option<string> root = CommonOptions.Root();
        Option<string?> driver = CommonOptions.Driver();
        Option<ChainId?> parent = CommonOptions.Parsed<ChainId>(
            "--parent", "CHAINID", "ChainID of the parent layer. Default: none, this is a base layer.");
        Option<Digest?> expectedDigest = CommonOptions.ExpectedDigest();
        Option<DiffId?> expectedDiffId = CommonOptions.ExpectedDiffId();
        var keepBlob = new Option<bool>("--keep-blob")
        {
            Description = "Also keep the compressed layer, in DIR/docker/registry/v2/blobs.",
        };
        Option<TimeSpan?> wait = CommonOptions.LockWait();
        Option<Durability> durability = CommonOptions.Durability();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();

        var command = new Command(
            "ingest", "Add one layer to a data root. Checks its digests, unpacks the tree and records the tar, in one pass.")
        {
            file, root, driver, parent, expectedDigest, expectedDiffId, keepBlob, wait, durability, json, quiet,
        };
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            string name = arguments.GetRequiredValue(file);
            var clock = Stopwatch.StartNew();
            LayerStore store = LayerStore.Open(
                RootPlace.Docker(arguments.GetRequiredValue(root)),
                new DockerRootOptions
                {
                    Driver = arguments.GetValue(driver),
                    Durability = arguments.GetValue(durability),
                    LockWait = arguments.GetValue(wait),
                    Notices = Notices.ToStandardError,
                });
            await using Stream source = Inputs.OpenRead(name, out long? length);
            using RootLock rootLock =
                await RootAccess.WriteAsync(store.Root, arguments.GetValue(wait), cancellationToken).ConfigureAwait(false);
            BlobDirectory? blobs = arguments.GetValue(keepBlob) ? new BlobDirectory(store.Root) : null;
            blobs?.SweepUploads();
            await using IBlobUpload? upload = blobs?.BeginUpload();
            LayerIngestResult result;
            try
            {
                result = await ProgressBar.RunAsync(
                    arguments.GetValue(quiet) || arguments.GetValue(json),
                    "ingest",
                    length,
                    progress => store.IngestAsync(
                        source,
                        new LayerIngestOptions
                        {
                            Parent = arguments.GetValue(parent),
                            ExpectedDigest = arguments.GetValue(expectedDigest),
                            ExpectedDiffId = arguments.GetValue(expectedDiffId),
                            Blob = upload,
                            Progress = progress,
                        },
                        cancellationToken)).ConfigureAwait(false);
            }
            catch (BlobsException fault)
            {
                throw new WorkFailedException($"{(name == "-" ? "standard input" : name)}: {fault.Message}", fault);
            }

            IngestReport report = IngestReport.From(store, result, clock.Elapsed);
            Output.WriteReport(report, CliJson.Default.IngestReport, arguments.GetValue(json), report.WriteText);

            report.WriteNotes(Console.Error);
        });
        string WhenCancelled(ParseResult arguments) =>
            $"the layer was not stored{(arguments.GetValue(keepBlob) ? "; its blob is kept if it was complete" : "")}";

        return command.With(
            "blobs ingest layer.tar.gz",
            "tar -C /usr -cz share | blobs ingest -",
            "blobs ingest app.tar.zst --root /var/lib/docker --parent sha256:… --expect-diffid sha256:…");
    }
}
