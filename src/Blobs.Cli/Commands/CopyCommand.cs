using System.CommandLine;
using Blobs.Client;
using Blobs.Compression;
using Blobs.Files;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs copy FROM TO</c>: one image between any two places.</summary>
internal static class CopyCommand
{
    private const string Places =
        "docker-data:ROOT//NAME, docker-archive:FILE[:NAME], oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker://NAME";

    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = $"Where the image is: {Places}." };
        var to = new Argument<string>("TO")
        {
            Description = "Where it is to be, in the same words; an archive's FILE may be -, standard output.",
        };
        Option<CompressionKind?> compression = CommonOptions.Compression();
        Option<string?> driver = CommonOptions.Driver();
        driver.Description = "Storage driver of the root that is copied to. Default: what it has, else overlay2.";
        Option<int?> wait = CommonOptions.LockWait();
        Option<Durability> durability = CommonOptions.Durability();
        Option<ManifestFormat?> format = RegistryOptions.Format();
        Option<Platform?> platform = RegistryOptions.Platform();
        var registry = new RegistryOptions();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("copy", "Copy an image between a data root, an archive, a layout and a registry.")
        {
            from, to, compression, format, platform, driver, wait, durability, json, quiet,
        };
        registry.AddTo(command);
        RegistryOptions.RefuseDockerWithZstd(command, format, compression);
        command.Runs(async (arguments, cancellationToken) =>
        {
            ImageLocation source = ImageLocation.Parse(arguments.GetRequiredValue(from));
            ImageLocation target = ImageLocation.Parse(arguments.GetRequiredValue(to));
            using RegistryClient client = registry.Connect(arguments);
            var options = new CopyOptions
            {
                Compression = arguments.GetValue(compression),
                Format = arguments.GetValue(format),
                Platform = arguments.GetValue(platform),
                LayersAtOnce = arguments.GetValue(registry.Jobs),
                Client = client,
                Driver = arguments.GetValue(driver),
                Durability = arguments.GetValue(durability),
                LockWait = arguments.GetValue(wait) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Notices = Notices.ToStandardError,
            };
            TakenImage image = await LayerLines.RunAsync(
                arguments.GetValue(quiet),
                LayerWords.Save,
                progress => ImageCopier.CopyAsync(source, target, options, progress, cancellationToken)).ConfigureAwait(false);
            Output.WriteReport(
                [TakenReport.From(image)],
                ImageJson.Default.TakenReportArray,
                arguments.GetValue(json),
                text => text.WriteLine($"{image.Manifest ?? image.Id}"),
                target.Transport is ImageTransport.DockerArchive or ImageTransport.OciArchive ? target.Path : null);
        });
        return command.With(
            "blobs copy docker-data:/var/lib/docker//alpine:3.18 oci:layout:3.18",
            "blobs copy oci:layout:3.18 docker-archive:alpine.tar:alpine:3.18",
            "blobs copy docker://registry.example/app:1 docker://127.0.0.1:5000/app:1");
    }
}
