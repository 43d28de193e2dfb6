using System.CommandLine;
using Blobs.Files;
using Blobs.Pipeline;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tar-split disasm|asm</c>: makes a recording of a tar, and the tar again; options are those of
/// the tool <c>tar-split</c>.</summary>
internal static class TarSplitCommand
{
    private const string DefaultRecording = "tar-data.json.gz";

    public static Command Create() => new Command("tar-split", "Record a tar, or rebuild it from a recording and its files.")
    {
        CreateDisassemble(),
        CreateAssemble(),
    }.With("blobs tar-split disasm --no-stdout --output tar-data.json.gz layer.tar");

    private static Command CreateDisassemble()
    {
        var file = new Argument<string>("FILE") { Description = "The tar; - reads standard input." };
        var output = new Option<string>("--output")
        {
            Description = "Write the gzip-compressed recording to FILE; - is standard output and needs --no-stdout.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DefaultRecording,
        };
        var noStandardOutput = new Option<bool>("--no-stdout") { Description = "Do not copy the tar to standard output." };
        var command = new Command("disasm", "Record a tar, and copy it to standard output.") { file, output, noStandardOutput };
        command.Aliases.Add("d");
        command.Validators.Add(result =>
        {
            if (!result.GetValue(noStandardOutput) && result.GetValue(output) is { } name && OutputFile.IsStandardOutput(name))
            {
                result.AddError("standard output cannot take both the tar and the recording: add --no-stdout, or give --output a file");
            }
        });
        command.Runs("no complete recording was written", async (arguments, cancellationToken) =>
        {
            await using Stream source = Inputs.OpenRead(arguments.GetRequiredValue(file), out _);
            string recording = arguments.GetRequiredValue(output);
            if (arguments.GetValue(noStandardOutput))
            {
                await TarSplitFile.DisassembleAsync(source, recording, null, cancellationToken).ConfigureAwait(false);
                return;
            }

            await Output.WriteFileAsync(OutputFile.StandardOutput, async copy =>
            {
                LayerSummary summary =
                    await TarSplitFile.DisassembleAsync(source, recording, copy, cancellationToken).ConfigureAwait(false);
                return summary.UncompressedBytes;
            }, cancellationToken).ConfigureAwait(false);
        });
        return command.With("blobs tar-split disasm --output tar-data.json.gz layer.tar > copy.tar");
    }

    private static Command CreateAssemble()
    {
        var input = new Option<string>("--input")
        {
            Description = "The gzip-compressed recording.",
            HelpName = "FILE",
            DefaultValueFactory = _ => DefaultRecording,
        };
        var path = new Option<string>("--path") { Description = "Directory that holds the files.", HelpName = "DIR", Required = true };
        var output = new Option<string>("--output")
        {
            Description = "Write the tar to FILE; - is standard output.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "-",
        };
        var compress = new Option<bool>("--compress") { Description = "Compress the tar with gzip." };
        var command = new Command("asm", "Rebuild a tar from its recording and its files.") { input, path, output, compress };
        command.Aliases.Add("a");
        command.Runs("no complete tar was written", async (arguments, cancellationToken) =>
            await Output.WriteFileAsync(
                arguments.GetRequiredValue(output),
                target => TarSplitFile.AssembleAsync(
                    arguments.GetRequiredValue(input),
                    arguments.GetRequiredValue(path),
                    target,
                    arguments.GetValue(compress),
                    cancellationToken),
                cancellationToken).ConfigureAwait(false));
        return command.With("blobs tar-split asm --input tar-data.json.gz --path DIR --output layer.tar");
    }
}
