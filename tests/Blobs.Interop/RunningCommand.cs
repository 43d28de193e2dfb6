using System.Diagnostics;

namespace Blobs.Interop;

/// <summary>The command while it runs: fed piece by piece, ended or killed when the test says so.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private volatile string _said = "";

    private RunningCommand(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = ListenAsync(process.StandardError);
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static RunningCommand Start(params string[] arguments) =>
        new(Process.Start(new ProcessStartInfo(BlobsCommand.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    public async Task FeedAsync(ReadOnlyMemory<byte> bytes)
    {
        await _process.StandardInput.BaseStream.WriteAsync(bytes);
        await _process.StandardInput.BaseStream.FlushAsync();
    }

    /// <summary>Ends its input and waits for its own end.</summary>
    public async Task<CommandResult> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        return new CommandResult("blobs", _process.ExitCode, System.Text.Encoding.UTF8.GetBytes(await _output), await _error);
    }

    /// <summary>Ends it as a power cut would, as far as it can tell.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ctrl-C. A shell that starts the tests in the background may let them ignore it, and the command with them: that
    /// is said at once, as the wait for the end would have none.</summary>
    public Task InterruptAsync()
    {
        const ulong Interrupt = 1 << 1;
        string ignored = File.ReadLines($"/proc/{Id}/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.True(
            (Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & Interrupt) == 0,
            "the tests were started with SIGINT ignored: start them with `env --default-signal=INT`");
        return new Command("kill", "-INT", $"{Id}").SucceedAsync();
    }

    /// <summary>Waits until it has said something on standard error.</summary>
    public Task UntilSaidAsync(string text) => UntilAsync(() => _said.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for its own end, its input still open.</summary>
    public async Task<CommandResult> EndByItselfAsync()
    {
        await _process.WaitForExitAsync();
        return new CommandResult("blobs", _process.ExitCode, System.Text.Encoding.UTF8.GetBytes(await _output), await _error);
    }

    /// <summary>Waits until something is so, or the command has ended.</summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            Assert.False(HasEnded, HasEnded ? await _error : "");
            await Task.Delay(20);
        }
    }

    private async Task<string> ListenAsync(StreamReader error)
    {
        while (await error.ReadLineAsync() is { } line)
        {
            _said += $"{line}\n";
        }

        return _said;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
