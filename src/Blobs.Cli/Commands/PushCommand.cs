using System.CommandLine;
using System.Diagnostics;
using Blobs.Cli.Stores;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs push REF</c>: pushes an image to the registry that its name says.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        Argument<StoredName> name = StoredName
            .Argument("REF", "The image; its name says where it goes: [HOST[:PORT]/]NAME[:TAG].");
        Option<ManifestFormat?> format = RegistryAccessOptions.Format();
        Option<CompressionKind?> compression = CommonOptions.Compression();
        var stores = new StoreOptions(writes: true, onlyAtEnd: true);
        var registry = new RegistryAccessOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();

        var command = new Command(
            "push", "Push an image to a registry. Layers that it has, or can mount from another repository, are not uploaded.")
        {
            name, format, compression,
        };
        stores.AddTo(command);
        registry.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.Validators.Add(result => References.RefuseDigest(result, result.ValueIfValid(name)?.Name ?? ""));
        RegistryAccessOptions.RefuseDockerWithZstd(command, format, compression);
        command.Runs("layers already uploaded stay in the registry", async (arguments, cancellationToken) =>
        {
            StoredName image = arguments.GetRequiredValue(name);
            ImageReference reference = ImageReference.Parse(image.Name);
            var clock = Stopwatch.StartNew();
            using ImageStore store = await stores.OpenAsync(arguments, image.Store, cancellationToken).ConfigureAwait(false);
            using RegistryClient client = registry.Connect(arguments);
            var options = new PushOptions
            {
                Format = arguments.GetValue(format),
                Compression = arguments.GetValue(compression),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
            };
            TakenImage pushed = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet) || arguments.GetValue(json),
                LayerWords.Push,
                progress => store.PushAsync(reference, client, options, progress, cancellationToken))
                .ConfigureAwait(false);
            PushReport report = PushReport.From(pushed, clock.Elapsed);
            Output.WriteReport(report, CliJson.Default.PushReport, arguments.GetValue(json), report.WriteText);
        });
        return command.With(
            "blobs push 127.0.0.1:5000/team/app:1",
            "blobs push containers-storage:127.0.0.1:5000/team/app:1",
            "blobs push registry.example/app:2 --root /var/lib/docker --format oci --compression zstd");
    }
}
