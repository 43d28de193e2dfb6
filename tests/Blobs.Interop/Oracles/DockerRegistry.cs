using System.Diagnostics;

namespace Blobs.Interop.Oracles;

/// <summary>The reference registry on a store of its own, on loopback; disposing stops it.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "s3cret";

    // bcrypt of the password at the least cost: made by `htpasswd -nbB alice s3cret`.
    private const string PasswordFile = "alice:$2y$05$HWEuhE3pnM9Bv.FcmHmNS.5ImzKobKuWAclhl6olKnfiS4Kky/iQW\n";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private DockerRegistry(Process process, int port, string store) => (_process, Port, Store) = (process, port, store);

    public int Port { get; }

    /// <summary>Host and port, as they stand in image names.</summary>
    public string Host => $"127.0.0.1:{Port}";

    /// <summary>The folder above <c>docker/registry/v2</c>.</summary>
    public string Store { get; }

    public static async Task<DockerRegistry> StartAsync(TemporaryRoot temporary, bool needsLogin = false)
    {
        string program = Oracle.Need("docker-registry");
        string folder = temporary.Folder($"registry-{Guid.NewGuid():n}"[..16]);
        string store = Path.Combine(folder, "store");
        string settings = Path.Combine(folder, "config.yml");
        string passwords = Path.Combine(folder, "htpasswd");
        int port = FreePort.Find();
        await File.WriteAllTextAsync(passwords, PasswordFile);
        string login = needsLogin ? $"auth: {{htpasswd: {{realm: here, path: {passwords}}}}}\n" : "";
        await File.WriteAllTextAsync(settings,
            $"version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {store}}}, delete: {{enabled: true}}}}\n"
            + $"http: {{addr: '127.0.0.1:{port}'}}\n{login}");
        var process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$0\" serve \"$1\" >\"$2\" 2>&1 </dev/null", program, settings, Path.Combine(folder, "log")]))!;
        var registry = new DockerRegistry(process, port, store);
        await registry.WaitUntilReadyAsync(folder);
        return registry;
    }

    /// <summary>Requests whose line in the log has all these words.</summary>
    public int CountRequests(params string[] words) => File.ReadLines(Path.Combine(Path.GetDirectoryName(Store)!, "log"))
        .Count(line => Array.TrueForAll(words, word => line.Contains(word, StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(string folder)
    {
        using var http = new HttpClient();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{Host}/v2/"));
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && waited.Elapsed < StartPatience)
            {
                await Task.Delay(50);
            }
            catch (HttpRequestException)
            {
                Assert.Fail($"docker-registry does not run here:\n{await File.ReadAllTextAsync(Path.Combine(folder, "log"))}");
            }
        }
    }
}
