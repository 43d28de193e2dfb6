using System.Diagnostics;

namespace Blobs.Interop.Oracles;

/// <summary>containerd on a root of its own; disposing stops it and waits for its end.</summary>
internal sealed class Containerd : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _folder;

    private Containerd(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>Its socket.</summary>
    public string Address => Path.Combine(_folder, "sock");

    /// <summary>Blobs, unfinished blobs and trees in its root: nothing, when it keeps nothing.</summary>
    public string[] Kept => KeptIn(Path.Combine(_folder, "root"));

    /// <summary>The same of any containerd's root.</summary>
    public static string[] KeptIn(string root) =>
    [
        .. Under(root, "io.containerd.content.v1.content/blobs/sha256"),
        .. Under(root, "io.containerd.content.v1.content/ingest"),
        .. Under(root, "io.containerd.snapshotter.v1.overlayfs/snapshots"),
        .. Under(root, "io.containerd.snapshotter.v1.native/snapshots"),
    ];

    /// <param name="temporary">Where its root, socket and log go.</param>
    /// <param name="name">The name of its folder; it may have run there before.</param>
    public static async Task<Containerd> StartAsync(TemporaryRoot temporary, string name = "containerd")
    {
        Oracle.NeedRoot();
        string program = Oracle.Need("containerd");
        string folder = temporary.Folder(name);
        string socket = Path.Combine(folder, "sock"), settings = Path.Combine(folder, "config.toml"), log = Path.Combine(folder, "log");
        await File.WriteAllTextAsync(
            settings,
            $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "{socket}"
            """);
        Process process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" --config \"$1\" >\"$2\" 2>&1 </dev/null", program, settings, log]))!;
        var engine = new Containerd(process, folder);
        var waited = Stopwatch.StartNew();
        while (!File.Exists(socket) || (await engine.Ctr("version").RunAsync()).ExitCode != 0)
        {
            if (process.HasExited || waited.Elapsed > StartPatience)
            {
                await engine.DisposeAsync();
                Assert.Fail($"containerd does not run here:\n{string.Join('\n', File.ReadLines(log).TakeLast(15))}");
            }

            await Task.Delay(100);
        }

        return engine;
    }

    /// <summary>Runs ctr, which must succeed.</summary>
    public async Task<string> RunAsync(params string[] arguments) => (await Ctr(arguments).SucceedAsync()).Text;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await new Command("kill", "-TERM", $"{_process.Id}").RunAsync();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>The lines of a list of ctr's, without the first, which names the columns.</summary>
    public async Task<string[]> ListAsync(params string[] arguments) =>
        [.. (await RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    /// <summary>A run of ctr.</summary>
    public Command Ctr(params string[] arguments) => new(Oracle.Need("ctr"), ["--address", Address, .. arguments]);

    private static string[] Under(string root, string path)
    {
        string folder = Path.Combine(root, path);
        return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
    }
}
