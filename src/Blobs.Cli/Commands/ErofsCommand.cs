using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs erofs FILE|- -o IMAGE</c>: makes a layer an EROFS image; <c>export</c> gives its tar back.</summary>
internal static class ErofsCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The layer: tar, tar.gz or tar.zst; - reads standard input." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "Write the image to IMAGE, a regular file.",
            HelpName = "IMAGE",
            Required = true,
        };
        Option<ErofsLayout> layout = Layout();
        var recording = new Option<string?>("--tar-split")
        {
            Description = "Also write the tar's recording, from which export rebuilds the tar. Only for the plain layout.",
            HelpName = "FILE",
        };
        Option<bool> verity = Verity();
        Option<Digest?> expectedDigest = CommonOptions.ExpectedDigest();
        Option<DiffId?> expectedDiffId = CommonOptions.ExpectedDiffId();
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command(
            "erofs", "Make a layer one EROFS image. Linux and containerd mount it without unpacking it.")
        {
            file, output, layout, recording, verity, expectedDigest, expectedDiffId, json, quiet, CreateExport(),
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(layout) == ErofsLayout.Tar && result.GetValue(recording) is not null)
            {
                result.AddError("erofs: an image in the tar layout holds the tar itself: leave out --tar-split");
            }
        });
        command.Runs("no complete image was written", async (arguments, cancellationToken) =>
        {
            string name = arguments.GetRequiredValue(file);
            string image = arguments.GetRequiredValue(output);
            var clock = Stopwatch.StartNew();
            await using Stream source = Inputs.OpenRead(name, out long? length);
            ErofsSummary summary;
            try
            {
                summary = await ProgressBar.RunAsync(
                    arguments.GetValue(quiet) || arguments.GetValue(json),
                    "erofs",
                    length,
                    progress => WriteAsync(
                        source,
                        image,
                        arguments.GetValue(recording),
                        new ErofsOptions { Layout = arguments.GetValue(layout), HasVerity = arguments.GetValue(verity) },
                        new LayerPipelineOptions
                        {
                            ExpectedDigest = arguments.GetValue(expectedDigest),
                            ExpectedDiffId = arguments.GetValue(expectedDiffId),
                            Progress = progress,
                        },
                        cancellationToken)).ConfigureAwait(false);
            }
            catch (BlobsException fault) when (fault is not (SystemCallException or StoreException))
            {
                throw new WorkFailedException($"{(name == "-" ? "standard input" : name)}: {fault.Message}", fault);
            }

            ErofsReport report = ErofsReport.From(summary, image, arguments.GetValue(layout), clock.Elapsed);
            Output.WriteReport(report, CliJson.Default.ErofsReport, arguments.GetValue(json), report.WriteText);
            report.WriteNotes(Console.Error);
        });
        return command.With(
            "blobs erofs layer.tar.gz -o layer.erofs --tar-split layer.tar-split.gz",
            "blobs erofs layer.tar.gz -o layer.erofs --layout tar",
            "blobs erofs layer.tar.gz -o layer.erofs --verity",
            "mount -t erofs -o loop,ro layer.erofs /mnt",
            "blobs erofs export layer.erofs -o layer.tar");
    }

    private static Command CreateExport()
    {
        var image = new Argument<string>("IMAGE") { Description = "The image." };
        Option<string> output = CommonOptions.Output();
        var recording = new Option<string?>("--tar-split")
        {
            Description = "The tar's recording; an image in the tar layout needs none.",
            HelpName = "FILE",
        };
        Option<bool> json = CommonOptions.JsonBesideData();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("export", "Write the tar that an image was made of, bit for bit, and check it.")
        {
            image, output, recording, json, quiet,
        };
        command.Runs("no complete tar was written", async (arguments, cancellationToken) =>
        {
            string name = arguments.GetRequiredValue(image);
            string target = arguments.GetRequiredValue(output);
            var clock = Stopwatch.StartNew();
            EncodedLayer? tar = null;
            await Output.WriteFileAsync(target, async stream =>
            {
                tar = await ExportAsync(name, arguments.GetValue(recording), stream, cancellationToken).ConfigureAwait(false);
                return tar.Length;
            }, cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(ErofsExportReport.From(tar!, clock.Elapsed), CliJson.Default.ErofsExportReport, target);
            }
            else if (!arguments.GetValue(quiet))
            {
                Console.Error.WriteLine($"{tar!.DiffId}  {Bytes.Show(tar.Length)}  {Bytes.Rate(tar.Length, clock.Elapsed)}");
            }
        });
        return command.With(
            "blobs erofs export layer.erofs -o layer.tar",
            "blobs erofs export layer.erofs --tar-split layer.tar-split.gz | sha256sum");
    }

    /// <summary>The option for a dm-verity tree.</summary>
    public static Option<bool> Verity() => new("--verity")
    {
        Description = $"Append a dm-verity tree to the image, and write its root hash to IMAGE{ErofsVerity.FileSuffix}. containerd then "
            + "mounts the image through dm-verity only.",
    };

    /// <summary>How images store the content of files.</summary>
    public static Option<ErofsLayout> Layout()
    {
        var option = new Option<ErofsLayout>("--layout")
        {
            Description = "plain: each file by itself. tar: the tar as it is, which Linux 6.4 and later mount, and which export "
                + "gives back without a recording.",
            HelpName = "LAYOUT",
            CustomParser = result => result.Tokens[0].Value == "tar" ? ErofsLayout.Tar : ErofsLayout.Plain,
            DefaultValueFactory = _ => ErofsLayout.Plain,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("plain" or "tar") } word])
            {
                result.AddError($"--layout: '{word.Value}' is not plain or tar");
            }
        });
        return option;
    }

    // The image comes last, so that it is never without the recording or root hash that was asked for.
    private static async Task<ErofsSummary> WriteAsync(
        Stream source,
        string image,
        string? recording,
        ErofsOptions options,
        LayerPipelineOptions pass,
        CancellationToken cancellationToken)
    {
        await using OutputFile output = await OutputFile.OpenAsync(image, cancellationToken).ConfigureAwait(false);
        if (!output.Stream.CanSeek)
        {
            throw new StoreException(image, $"{image}: an EROFS image can only be written to a regular file");
        }

        await using OutputFile? record = recording is null
            ? null
            : await OutputFile.OpenAsync(recording, cancellationToken).ConfigureAwait(false);
        string folder = Path.GetDirectoryName(Path.GetFullPath(image))!;
        ErofsSummary summary = await ErofsLayer.WriteAsync(
            source,
            output.Stream,
            record?.Stream,
            options with { OpenSpill = () => SpoolFile.Create(folder, MadeDirectories.Readable) },
            pass,
            cancellationToken).ConfigureAwait(false);
        record?.Commit();
        if (summary.Verity is { } verity)
        {
            await using OutputFile root =
                await OutputFile.OpenAsync(image + ErofsVerity.FileSuffix, cancellationToken).ConfigureAwait(false);
            root.Stream.Write(Encoding.ASCII.GetBytes(verity.ToJson()));
            root.Commit();
        }

        output.Commit();
        return summary;
    }

    private static async Task<EncodedLayer> ExportAsync(
        string name, string? recording, Stream target, CancellationToken cancellationToken)
    {
        await using FileStream image = InputFile.OpenRead(name);
        if (!image.CanSeek)
        {
            throw new StoreException(name, $"{name}: an image is not read from front to back: name a regular file");
        }

        await using FileStream? record = recording is null ? null : InputFile.OpenRead(recording);
        try
        {
            return await ErofsLayer.ExportAsync(image, record, target, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (BlobsException fault) when (fault is MalformedDataException or LimitExceededException or StoreException)
        {
            throw new WorkFailedException($"{name}: {fault.Message}", fault);
        }
    }
}
