using System.CommandLine;
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
        Argument<string[]> images = new Argument<string[]>("IMAGE")
        {
            Description = "Names or ids; a repository without a tag means all its tags.",
            Arity = ArgumentArity.OneOrMore,
        }.ForImages();
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
        var root = new RootOptions(writes: false);
        var command = new Command("save", "Save images to an archive. The same images give the same bytes every time.")
        {
            images, output, format, compression, quiet,
        };
        root.AddTo(command);
        command.Runs("no complete archive was written", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            var options = new ArchiveOptions { Compression = arguments.GetValue(compression) };
            await Output.WriteFileAsync(arguments.GetRequiredValue(output), async stream =>
            {
                await using IImageTarget target = arguments.GetRequiredValue(format) == OciFormat
                    ? OciLayoutTarget.ToArchive(stream, options: options)
                    : new DockerArchiveTarget(stream, options);
                await LayerProgressLines.RunAsync(
                    arguments.GetValue(quiet),
                    LayerWords.Save,
                    progress => ImageSaver.SaveAsync(
                        locked.Root, arguments.GetRequiredValue(images), target, progress, cancellationToken)).ConfigureAwait(false);
                return 0;
            }, cancellationToken).ConfigureAwait(false);
        });
        return command.With(
            "blobs save alpine:3.18 -o alpine.tar",
            "blobs save alpine --format oci --compression zstd -o alpine.oci.tar",
            "blobs save alpine | docker load");
    }
}
