using System.CommandLine;
using System.Globalization;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Images;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs cp PLACE:/PATH DEST</c>: copies a file or directory out of an image.</summary>
internal static class CpCommand
{
    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID; and :/PATH in it.")
            .WithPath();
        var target = new Argument<string>("DEST")
        {
            Description = "A file or directory, as for docker cp; - writes a tar to standard output.",
        };
        Option<bool> verify = ContentOptions.Verify();
        Option<bool> json = CommonOptions.JsonBesideData();
        json.Description = "Print JSON about what was copied and how much was read; on stderr when a tar goes to standard output.";
        Option<bool> quiet = CommonOptions.Quiet();
        var places = new PlaceOptions();
        var command = new Command("cp", "Copy a file or directory out of an image. It keeps modes and times and, as root, owners.")
        {
            place, target, verify, json, quiet,
        };
        places.AddTo(command);
        command.Runs("what was copied so far stays", async (arguments, cancellationToken) =>
        {
            Place wanted = arguments.GetRequiredValue(place);
            string destination = arguments.GetRequiredValue(target);
            CopiedReport report = await OpenedFiles.UseAsync(
                places,
                arguments,
                wanted,
                new ImageReadOptions { ReadsToEnd = arguments.GetValue(verify) },
                arguments.GetValue(quiet) || arguments.GetValue(json),
                async files =>
                {
                    long bytes = await CopyAsync(files.System, wanted.Path!, destination, cancellationToken).ConfigureAwait(false);
                    return CopiedReport.From(files, wanted.Path!, bytes);
                },
                cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(report, FileJson.Default.CopiedReport, destination);
            }
            else if (!arguments.GetValue(quiet))
            {
                Console.Error.WriteLine(report.Describe());
            }
        });
        return command.With(
            "blobs cp alpine:3.20:/etc/os-release .",
            "blobs cp docker://debian:/usr/share/zoneinfo zones",
            "blobs cp container:web:/var/log/. logs",
            "blobs cp oci:layout:1:/app - | tar -t");
    }

    private static async Task<long> CopyAsync(
        ImageFileSystem files, string path, string destination, CancellationToken cancellationToken)
    {
        if (OutputFile.IsStandardOutput(destination))
        {
            string trimmed = path.TrimEnd('/');
            string name = trimmed.EndsWith("/.", StringComparison.Ordinal) ? "" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
            return await TarOutput.WriteAsync(destination, files, path, name, cancellationToken).ConfigureAwait(false);
        }

        // Something that is there and no directory is written to or replaced, as any output.
        return File.Exists(destination)
            ? await Output.WriteFileAsync(destination, async target =>
            {
                ImageEntry entry = await files.CopyFileAsync(path, target, cancellationToken).ConfigureAwait(false);
                return entry.File.Size;
            }, cancellationToken).ConfigureAwait(false)
            : await UnpackAsync(files, path, CopyTarget.For(path, destination), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<long> UnpackAsync(
        ImageFileSystem files, string path, CopyTarget target, CancellationToken cancellationToken)
    {
        using var directory = DirectoryHandle.Open(target.Directory);
        using var writer = new TreeWriter(directory, WhiteoutFormat.Applied, Limits.Default);
        var entries = new Checked(writer, target, path);
        Stream tar = files.OpenTar(path, target.Name);
        await using (tar.ConfigureAwait(false))
        {
            await LayerPipeline.RunAsync(tar, new LayerPipelineOptions { Entries = entries }, cancellationToken).ConfigureAwait(false);
        }

        writer.Finish();
        WriteNotes(writer.Skipped);
        return entries.Bytes;
    }

    private static void WriteNotes(SkippedMetadata skipped)
    {
        if (skipped != default)
        {
            string counts = string.Create(
                CultureInfo.InvariantCulture,
                $"{skipped.Owners:N0} owners, {skipped.Devices:N0} devices, {skipped.Xattrs:N0} attributes");
            Console.Error.WriteLine($"note: skipped, as not permitted: {counts}");
        }
    }

    // Refuses a file where only a directory fits, and counts what is written.
    private sealed class Checked(TreeWriter writer, CopyTarget target, string path) : ITarSink
    {
        public long Bytes { get; private set; }

        public void Entry(TarEntry entry)
        {
            if (target.OnlyDirectory && entry.Type != TarEntryType.Directory && entry.Name.IndexOf((byte)'/') < 0)
            {
                throw new WorkFailedException($"'{path}' is not a directory, but DEST ends in a slash and does not exist");
            }

            writer.Entry(entry);
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
            Bytes += bytes.Length;
            writer.Payload(bytes);
        }

        public void EndEntry() => writer.EndEntry();
    }
}
