using System.Diagnostics;

namespace Blobs.Interop.Oracles;

/// <summary>containerd on a root of its own; disposing stops it and waits for its end.</summary>
internal sealed class Containerd : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _socket;

    private Containerd(Process process, string socket) => (_process, _socket) = (process, socket);

    public static async Task<Containerd> StartAsync(TemporaryRoot temporary)
    {
        Oracle.NeedRoot();
        string program = Oracle.Need("containerd");
        string folder = temporary.Folder("containerd");
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
        var engine = new Containerd(process, socket);
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

    private Command Ctr(params string[] arguments) => new(Oracle.Need("ctr"), ["--address", _socket, .. arguments]);
}
