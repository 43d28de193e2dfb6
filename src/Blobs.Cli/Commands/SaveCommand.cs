using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Compression;
using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs save REF… -o FILE</c>: saves images to an archive.</summary>
internal static class SaveCommand
{
    private const string OciFormat = "oci";

    public static Command Create()
    {
        Argument<StoredName[]> images =
            StoredName.Arguments("IMAGE", "Names or ids, all of one store; a repository without a tag means all its tags.");
        var output = new Option<string>("--output", "-o")
        {
            Description = "Write the archive to FILE; - is standard output.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "-",
        };
        var format = new Option<string>("--format")
        {
            Description = "Format of the archive: docker, as docker save writes it, or oci.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "docker",
        };
        format.AcceptOnlyFromAmong("docker", OciFormat);
        Option<CompressionKind?> compression = CommonOptions.Compression();
        Option<bool> quiet = CommonOptions.Quiet();
        var stores = new StoreOptions(writes: false);
        var command = new Command("save", "Save images to an archive. The same images give the same bytes every time.")
        {
            images, output, format, compression, quiet,
        };
        stores.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.ValueIfValid(images) is { } named && named.Any(image => image?.Store != named[0]?.Store))
            {
                result.AddError("save: the images of an archive must be in one store");
            }
        });
        command.Runs("no complete archive was written", async (arguments, cancellationToken) =>
        {
            StoredName[] chosen = arguments.GetRequiredValue(images);
            using ImageStore store = await stores.OpenAsync(arguments, chosen[0].Store, cancellationToken).ConfigureAwait(false);
            var options = new ArchiveOptions { Compression = arguments.GetValue(compression) };
            await Output.WriteFileAsync(arguments.GetRequiredValue(output), async stream =>
            {
                await using IImageTarget target = arguments.GetRequiredValue(format) == OciFormat
                    ? OciLayoutTarget.ToArchive(stream, options: options)
                    : new DockerArchiveTarget(stream, options);
                return await LayerProgressLines.RunAsync(arguments.GetValue(quiet), LayerWords.Save, async progress =>
                {
                    string[] names = [.. chosen.Select(image => image.Name)];
                    await store.SaveAsync(names, target, progress, cancellationToken).ConfigureAwait(false);
                    return 0;
                }).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        });
        return command.With(
            "blobs save alpine:3.18 -o alpine.tar",
            "blobs save alpine --format oci --compression zstd -o alpine.oci.tar",
            "blobs save containers-storage:alpine:3.18 -o alpine.tar",
            "blobs save alpine | docker load");
    }
}
