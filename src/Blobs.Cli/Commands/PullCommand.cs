using System.CommandLine;
using System.Diagnostics;
using Blobs.Cli.Stores;
using Blobs.Distribution.Client;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs pull REF…</c>: pulls images from registries into a data root, the store of podman, or another place.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        Argument<ImageReference[]> names = References.Arguments("REF", "The images: [HOST[:PORT]/]NAME[:TAG][@DIGEST].");
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        var stores = new StoreOptions(writes: true, makes: true);
        var keepBlobs = new Option<bool>("--keep-blob")
        {
            Description = "Also keep compressed layers, in DIR/docker/registry/v2/blobs, for pushes and to resume an interrupted pull.",
        };
        var registry = new RegistryAccessOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();

        var command = new Command("pull", "Pull images from registries. Each layer is unpacked while it is downloaded.")
        {
            names, platform, keepBlobs,
        };
        stores.AddTo(command);
        registry.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            ImageReference[] references = arguments.GetRequiredValue(names);
            using ImageSink sink = await stores.OpenSinkAsync(arguments, locks: false, cancellationToken).ConfigureAwait(false);
            using RegistryClient client = registry.Connect(arguments);
            var options = new SinkOptions
            {
                Platform = arguments.GetValue(platform),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
                KeepBlobs = arguments.GetValue(keepBlobs),
            };
            var reports = new List<PullReport>();
            foreach (ImageReference reference in references)
            {
                var clock = Stopwatch.StartNew();
                Task<TakenImage> Pull(IProgress<TransferProgress>? progress) =>
                    sink.PullAsync(client, reference, options, progress, cancellationToken);
                TakenImage image = await LayerProgressLines.RunAsync(
                    arguments.GetValue(quiet) || arguments.GetValue(json), LayerWords.Pull, Pull).ConfigureAwait(false);
                reports.Add(PullReport.From(sink, reference, image, clock.Elapsed));
                if (!arguments.GetValue(json))
                {
                    reports[^1].WriteText(Console.Out, arguments.GetValue(quiet));
                }
            }

            if (arguments.GetValue(json))
            {
                Write(reports);
            }
        });
        string WhenCancelled(ParseResult arguments) =>
            "complete layers with complete parents are kept, and the next pull does not fetch them again"
            + (arguments.GetValue(keepBlobs) ? "; it resumes the others where this one stopped" : "");

        return command.With(
            "blobs pull alpine:3.20 debian:12",
            "blobs pull 127.0.0.1:5000/team/app:1 --root /var/lib/docker",
            "blobs pull alpine:3.20 --root containers-storage:",
            "blobs pull alpine:3.20 --root erofs:/var/cache/layers --layout tar",
            "blobs pull registry.example/app@sha256:… --platform linux/arm64 --jobs 3 --keep-blob --json");
    }

    // Of one image, the object alone.
    private static void Write(List<PullReport> reports)
    {
        if (reports is [var only])
        {
            Output.WriteJson(only, CliJson.Default.PullReport);
        }
        else
        {
            Output.WriteJson([.. reports], CliJson.Default.PullReportArray);
        }
    }
}
