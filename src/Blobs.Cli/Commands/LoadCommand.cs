using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Distribution.Client;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs load [PATH]</c>: loads every image of an archive or OCI layout.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var path = new Argument<string?>("PATH")
        {
            Description = "Archive of docker save, OCI archive, or directory of an OCI layout; - or nothing reads standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var input = new Option<string?>("--input", "-i") { Description = "The same as PATH, as docker has it.", HelpName = "PATH" };
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        Option<bool> allowPrivate = new RegistryAccessOptions().AllowPrivate;
        allowPrivate.Description = "Fetch foreign layers also from URLs at private addresses.";
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var stores = new StoreOptions(writes: true, makes: true);
        var command = new Command("load", "Load images from an archive or OCI layout. Layers are unpacked while the archive is read.")
        {
            path, input, platform, allowPrivate, json, quiet,
        };
        command.Validators.Add(result =>
        {
            bool hasPath = result.GetValue(path) is not null;
            if (hasPath && result.GetValue(input) is not null)
            {
                result.AddError("load: give either PATH or --input PATH.");
            }
            else if (!hasPath && result.GetValue(input) is null && !Console.IsInputRedirected)
            {
                result.AddError("load: name an archive or a layout, or redirect an archive to standard input.");
            }
        });
        stores.AddTo(command);
        command.Runs("images already loaded are kept; nothing of the others is", async (arguments, cancellationToken) =>
        {
            string name = arguments.GetValue(path) ?? arguments.GetValue(input) ?? InputFile.StandardInput;
            using var client = new RegistryClient(new RegistryClientOptions { AllowPrivate = arguments.GetValue(allowPrivate) });
            var options = new SinkOptions { Platform = arguments.GetValue(platform) };
            using ImageSink sink = await stores.OpenSinkAsync(arguments, locks: true, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<TakenImage> images = await LayerProgressLines.RunAsync(
                arguments.GetValue(quiet),
                LayerWords.Load,
                progress => sink.LoadAsync(name, client, options, progress, cancellationToken)).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson([.. images.Select(TakenReport.From)], ImageJson.Default.TakenReportArray);
                return;
            }

            foreach (TakenImage image in images)
            {
                Say(image);
            }
        });
        return command.With(
            "blobs load image.tar",
            "docker save alpine | blobs load",
            "blobs load ./oci-layout --root /var/lib/docker",
            "blobs load -i image.tar --root containers-storage:");
    }

    // As docker load says it.
    private static void Say(TakenImage image)
    {
        foreach ((ImageReference name, Hashing.Digest previous) in image.Renamed)
        {
            Console.Out.WriteLine(
                $"The image {name.Familiar} already exists, renaming the old one with ID {previous} to empty string");
        }

        foreach (ImageReference name in image.Names)
        {
            Console.Out.WriteLine($"Loaded image: {name.Familiar}");
        }

        if (image.Names.Count == 0)
        {
            Console.Out.WriteLine($"Loaded image ID: {image.Id}");
        }
    }
}
