using System.CommandLine;
using System.Diagnostics;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs push REF</c>: pushes an image to the registry that its name says.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        Argument<ImageReference> name = References
            .Argument("REF", "The image; its name says where it goes: [HOST[:PORT]/]NAME[:TAG].").ForNewName();
        Option<ManifestFormat?> format = RegistryAccessOptions.Format();
        Option<CompressionKind?> compression = CommonOptions.Compression();
        var root = new RootOptions(writes: true, onlyAtEnd: true);
        var registry = new RegistryAccessOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();

        var command = new Command(
            "push", "Push an image to a registry. Layers that it has, or can mount from another repository, are not uploaded.")
        {
            name, format, compression,
        };
        root.AddTo(command);
        registry.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        RegistryAccessOptions.RefuseDockerWithZstd(command, format, compression);
        command.Runs("layers already uploaded stay in the registry", async (arguments, cancellationToken) =>
        {
            ImageReference reference = arguments.GetRequiredValue(name);
            var clock = Stopwatch.StartNew();
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            using RegistryClient client = registry.Connect(arguments);
            var options = new PushOptions
            {
                Format = arguments.GetValue(format),
                Compression = arguments.GetValue(compression),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
            };
            TakenImage image = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet) || arguments.GetValue(json),
                LayerWords.Push,
                progress => ImagePusher.PushAsync(locked.Root, reference, client, options, progress, cancellationToken))
                .ConfigureAwait(false);
            PushReport report = PushReport.From(image, clock.Elapsed);
            Output.WriteReport(report, CliJson.Default.PushReport, arguments.GetValue(json), report.WriteText);
        });
        return command.With(
            "blobs push 127.0.0.1:5000/team/app:1",
            "blobs push registry.example/app:2 --root /var/lib/docker --format oci --compression zstd");
    }
}
