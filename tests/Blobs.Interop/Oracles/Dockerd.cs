using System.Diagnostics;
using System.Text.Json;

namespace Blobs.Interop.Oracles;

/// <summary>A real engine on a data root of its own, without any network; disposing stops it and waits for its end.</summary>
internal sealed class Dockerd : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly string _folder;
    private readonly string _socket;
    private readonly string _docker;

    private Dockerd(Process process, string folder, string socket, string docker) =>
        (_process, _folder, _socket, _docker) = (process, folder, socket, docker);

    /// <summary>What it has said so far.</summary>
    public IEnumerable<string> LogLines => File.ReadLines(Path.Combine(_folder, "log"));

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <param name="temporary">Where its socket, log and state go.</param>
    /// <param name="dataRoot">The store to serve; it may exist already.</param>
    /// <param name="driver">The storage driver: overlay2, overlay or vfs.</param>
    /// <param name="remapsUsers">Whether root in containers is a user that the engine makes for that.</param>
    public static async Task<Dockerd> StartAsync(
        TemporaryRoot temporary, string dataRoot, string driver = "overlay2", bool remapsUsers = false)
    {
        Oracle.NeedRoot();
        string program = Oracle.Need("dockerd");
        // The client that belongs to the engine, not a newer one that happens to come first in the path.
        string docker = File.Exists("/usr/bin/docker") ? "/usr/bin/docker" : Oracle.Need("docker");
        string folder = temporary.Folder($"engine-{Guid.NewGuid():n}"[..12]);
        string socket = Path.Combine(folder, "docker.sock");
        string settings = Path.Combine(folder, "daemon.json");
        await File.WriteAllBytesAsync(settings, Settings(folder, dataRoot, socket, driver, remapsUsers));
        string log = Path.Combine(folder, "log");

        // The shell only redirects and then becomes the engine, so the process id is the engine's own.
        var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" --config-file \"$1\" >\"$2\" 2>&1 </dev/null", program, settings, log])
            {
                // The containerd that the engine starts is looked for in the path.
                Environment = { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" },
            })!;
        var engine = new Dockerd(process, folder, socket, docker);
        try
        {
            await engine.WaitUntilReadyAsync(log);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    public Command Docker(params string[] arguments) => new(_docker, ["-H", $"unix://{_socket}", .. arguments])
    {
        Environment = new Dictionary<string, string> { ["DOCKER_CONFIG"] = _folder },
    };

    public async Task<string> RunAsync(params string[] arguments) => (await Docker(arguments).SucceedAsync()).Text;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await new Command("kill", "-TERM", $"{_process.Id}").RunAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
        await Mounts.RemoveBelowAsync(_folder);
    }

    private static byte[] Settings(string folder, string dataRoot, string socket, string driver, bool remapsUsers) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["data-root"] = dataRoot,
            ["exec-root"] = Path.Combine(folder, "exec"),
            ["pidfile"] = Path.Combine(folder, "pid"),
            ["hosts"] = new[] { $"unix://{socket}" },
            ["storage-driver"] = driver,
            ["iptables"] = false,
            ["ip-masq"] = false,
            ["bridge"] = "none",
            ["userns-remap"] = remapsUsers ? "default" : "",
        });

    private async Task WaitUntilReadyAsync(string log)
    {
        var waited = Stopwatch.StartNew();
        while (!File.Exists(_socket) || (await Docker("version").RunAsync()).ExitCode != 0)
        {
            if (_process.HasExited || waited.Elapsed > StartPatience)
            {
                Assert.Fail($"dockerd does not run here:\n{string.Join('\n', File.ReadLines(log).TakeLast(15))}");
            }

            await Task.Delay(100);
        }
    }
}
