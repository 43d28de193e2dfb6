using System.Diagnostics;
using System.Text;

namespace Blobs.Interop;

/// <summary>One run of a program: what goes in, where it runs, what it may read from its environment.</summary>
internal sealed record Command(string Program, params string[] Arguments)
{
    // A hung program must not hang the whole run; nothing here takes a tenth of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public byte[] Input { get; init; } = [];

    /// <summary>A file to feed to standard input, in place of <see cref="Input"/>.</summary>
    public string? InputFile { get; init; }

    /// <summary>A file that receives standard output, in place of <see cref="CommandResult.Output"/>.</summary>
    public string? OutputFile { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    public async Task<CommandResult> RunAsync()
    {
        using Process process = Start();
        using var patience = new CancellationTokenSource(Patience);
        using var collected = new MemoryStream();
        await using Stream output = OutputFile is null ? collected : File.Create(OutputFile);
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output, patience.Token);
        Task<string> talking = process.StandardError.ReadToEndAsync(patience.Token);
        Task feeding = FeedAsync(process);
        try
        {
            await Task.WhenAll(reading, talking, process.WaitForExitAsync(patience.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{this} did not end within {Patience}");
        }

        await feeding;
        return new CommandResult(ToString(), process.ExitCode, collected.ToArray(), await talking);
    }

    /// <summary>Runs the program, which must succeed.</summary>
    public async Task<CommandResult> SucceedAsync() => (await RunAsync()).Expect(0);

    public override string ToString() => string.Join(' ', [Path.GetFileName(Program), .. Arguments]);

    private Process Start()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = WorkingDirectory ?? string.Empty,
        };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private async Task FeedAsync(Process process)
    {
        try
        {
            await using Stream target = process.StandardInput.BaseStream;
            if (InputFile is null)
            {
                await target.WriteAsync(Input);
            }
            else
            {
                await using FileStream source = File.OpenRead(InputFile);
                await source.CopyToAsync(target);
            }
        }
        catch (IOException)
        {
            // A program that refuses its input closes the pipe early: its exit code says so.
        }
    }
}
