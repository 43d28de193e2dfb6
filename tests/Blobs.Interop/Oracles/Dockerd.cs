using System.Diagnostics;
using System.Text.Json;

namespace Blobs.Interop.Oracles;

/// <summary>A real engine on a data root of its own, without any network; disposing stops it and waits for its end.</summary>
internal sealed class Dockerd : IAsyncDisposable
{
    /// <summary>The data root of <see cref="StartNewerAsync"/>.</summary>
    public const string NewerRoot = "newer/data";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly string _folder;
    private readonly string _socket;
    private readonly Func<string[], Command> _docker;

    private Dockerd(Process process, string folder, string socket, Func<string[], Command> docker) =>
        (_process, _folder, _socket, _docker) = (process, folder, socket, docker);

    /// <summary>The socket of the containerd that it has started.</summary>
    public string ContainerdSocket => Path.Combine(_folder, "exec/containerd/containerd.sock");

    /// <summary>What that containerd keeps, in the root of <see cref="StartNewerAsync"/>.</summary>
    public string[] KeptByContainerd => Containerd.KeptIn(Path.Combine(_folder, "data/containerd/daemon"));

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
        // The client that belongs to the engine, not a newer one that happens to come first in the path.
        string docker = File.Exists("/usr/bin/docker") ? "/usr/bin/docker" : Oracle.Need("docker");
        return await StartAsync(
            temporary.Folder($"engine-{Guid.NewGuid():n}"[..12]),
            new() { ["data-root"] = dataRoot, ["storage-driver"] = driver, ["userns-remap"] = remapsUsers ? "default" : "" },
            new Command(Oracle.Need("dockerd")),
            arguments => new Command(docker, arguments));
    }

    /// <summary>The engine of a newer Debian.</summary>
    /// <param name="temporary">Where everything of it goes; its data root is <see cref="NewerRoot"/>.</param>
    /// <param name="usesContainerd">Whether it keeps its images with containerd.</param>
    public static Task<Dockerd> StartNewerAsync(TemporaryRoot temporary, bool usesContainerd)
    {
        Oracle.NeedRoot();
        string folder = temporary.Folder("newer");
        return StartAsync(
            folder,
            new()
            {
                ["data-root"] = temporary[NewerRoot],
                ["features"] = new Dictionary<string, bool> { ["containerd-snapshotter"] = usesContainerd },
                ["storage-driver"] = usesContainerd ? "overlayfs" : "overlay2",
            },
            NewerDebian.In(folder, "dockerd"),
            arguments => NewerDebian.In(folder, "docker", arguments));
    }

    private static async Task<Dockerd> StartAsync(
        string folder, Dictionary<string, object> settings, Command dockerd, Func<string[], Command> docker)
    {
        string socket = Path.Combine(folder, "docker.sock");
        string config = Path.Combine(folder, "daemon.json");
        await File.WriteAllBytesAsync(config, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>(settings)
        {
            ["exec-root"] = Path.Combine(folder, "exec"),
            ["pidfile"] = Path.Combine(folder, "pid"),
            ["hosts"] = new[] { $"unix://{socket}" },
            ["iptables"] = false,
            ["ip-masq"] = false,
            ["bridge"] = "none",
        }));
        string log = Path.Combine(folder, "log");

        // The shell only redirects and then becomes the engine, so the process id is the engine's own.
        var process = Process.Start(
            new ProcessStartInfo(
                "/bin/sh",
                ["-c", "log=$0; exec \"$@\" >\"$log\" 2>&1 </dev/null", log, dockerd.Program, .. dockerd.Arguments, "--config-file", config])
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

    public Command Docker(params string[] arguments) => _docker(["-H", $"unix://{_socket}", .. arguments]) with
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
