using System.CommandLine;
using System.Diagnostics;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs pull REF</c>: pulls an image from a registry into a data root.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        Argument<ImageReference> name = References.Argument("REF", "The image: [HOST[:PORT]/]NAME[:TAG][@DIGEST].");
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        var root = new RootOptions(writes: true, makes: true);
        var keepBlobs = new Option<bool>("--keep-blob")
        {
            Description = "Also keep compressed layers, in DIR/docker/registry/v2/blobs, for pushes and to resume an interrupted pull.",
        };
        var registry = new RegistryAccessOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();

        var command = new Command("pull", "Pull an image from a registry. Each layer is unpacked while it is downloaded.")
        {
            name, platform, keepBlobs,
        };
        root.AddTo(command);
        registry.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            ImageReference reference = arguments.GetRequiredValue(name);
            var clock = Stopwatch.StartNew();
            DockerRoot docker = await root.OpenOnceFreeAsync(arguments, cancellationToken).ConfigureAwait(false);
            using RegistryClient client = registry.Connect(arguments);
            var options = new PullOptions
            {
                Platform = arguments.GetValue(platform),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
                KeepBlobs = arguments.GetValue(keepBlobs),
            };
            TakenImage image = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet) || arguments.GetValue(json),
                LayerWords.Pull,
                progress => ImagePuller.PullAsync(client, reference, docker, options, progress, cancellationToken)).ConfigureAwait(false);
            PullReport report = PullReport.From(docker, reference, image, clock.Elapsed);
            Output.WriteReport(report, CliJson.Default.PullReport, arguments.GetValue(json), report.WriteText);
        });
        string WhenCancelled(ParseResult arguments) =>
            "complete layers with complete parents are kept, and the next pull does not fetch them again"
            + (arguments.GetValue(keepBlobs) ? "; it resumes the others where this one stopped" : "");

        return command.With(
            "blobs pull alpine:3.20",
            "blobs pull 127.0.0.1:5000/team/app:1 --root /var/lib/docker",
            "blobs pull registry.example/app@sha256:… --platform linux/arm64 --jobs 3 --keep-blob --json");
    }
}
