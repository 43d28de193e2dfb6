using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Blobs.Testing;

namespace Blobs.Interop.Oracles;

/// <summary>A registry of its own process on loopback, ours or the reference one; disposing stops it and waits for its end.</summary>
internal sealed class RegistryProcess : IAsyncDisposable
{
    /// <summary>What the reference registry seals the state of its uploads with.</summary>
    public const string Secret = "secret";

    private const string LoopBack = "127.0.0.1";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private RegistryProcess(Process process, string host, int port, string log)
    {
        _process = process;
        Address = $"{host}:{port}";
        Log = log;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://{Address}") };
    }

    public string Address { get; }

    public HttpClient Client { get; }

    public string Log { get; }

    public int Id => _process.Id;

    /// <summary><c>blobs serve</c>.</summary>
    public static Task<RegistryProcess> OursAsync(TemporaryRoot temporary, string store, params string[] more) =>
        OursAtAsync(temporary, store, LoopBack, more);

    /// <summary>The same, listening on some address or name of this machine.</summary>
    public static Task<RegistryProcess> OursAtAsync(TemporaryRoot temporary, string store, string host, params string[] more)
    {
        int port = FreePort();
        string asked = host is "" or "localhost" ? LoopBack : host;
        return StartAsync(temporary, asked, port, BlobsCommand.Path, ["serve", "--store", store, "--listen", $"{host}:{port}", .. more]);
    }

    /// <summary>The same, with a folder as its working directory.</summary>
    public static Task<RegistryProcess> OursInFolderAsync(TemporaryRoot temporary, string store, string folder)
    {
        int port = FreePort();
        return StartAsync(
            temporary, LoopBack, port, "env", ["-C", folder, BlobsCommand.Path, "serve", "--store", store, "--listen", $"{LoopBack}:{port}"]);
    }

    /// <summary><c>blobs serve</c> on a bucket.</summary>
    public static Task<RegistryProcess> OursInBucketAsync(TemporaryRoot temporary, string prefix, params string[] more) => OursAsync(
        temporary, $"s3://{Radosgw.Bucket}/{prefix}", ["--s3-endpoint", Radosgw.Endpoint, .. more]);

    /// <summary>Debian's docker-registry 2.8.</summary>
    public static Task<RegistryProcess> ReferenceAsync(TemporaryRoot temporary, string store) =>
        ReferenceOnAsync(temporary, $"{{filesystem: {{rootdirectory: {store}}}, delete: {{enabled: true}}}}");

    /// <summary>The same on a bucket.</summary>
    public static Task<RegistryProcess> ReferenceInBucketAsync(TemporaryRoot temporary, string prefix) => ReferenceOnAsync(
        temporary,
        $"{{s3: {{accesskey: {Radosgw.AccessKey}, secretkey: {Radosgw.SecretKey}, region: us-east-1, regionendpoint: '{Radosgw.Endpoint}', "
        + $"bucket: {Radosgw.Bucket}, rootdirectory: /{prefix}, secure: false, v4auth: true}}, delete: {{enabled: true}}, redirect: {{disable: true}}}}");

    /// <summary>Where the reference registry goes on with an upload that it did not begin: it wants the state of it, sealed with its secret.</summary>
    public static string ReferenceLocation(string repository, string id, long length, string startedAt)
    {
        byte[] state = Encoding.ASCII.GetBytes(
            $$"""{"Name":"{{repository}}","UUID":"{{id}}","Offset":{{length}},"StartedAt":"{{startedAt}}"}""");
        byte[] seal = HMACSHA256.HashData(Encoding.ASCII.GetBytes(Secret), state);
        string token = Convert.ToBase64String([.. seal, .. state]).Replace('+', '-').Replace('/', '_');
        return $"/v2/{repository}/blobs/uploads/{id}?_state={Uri.EscapeDataString(token)}";
    }

    /// <summary>A port of loopback that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Ends the process as a loss of power would: it has no say in it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await new Command("kill", "-TERM", $"{_process.Id}").RunAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await StopAsync();
        }

        _process.Dispose();
    }

    private static async Task<RegistryProcess> ReferenceOnAsync(TemporaryRoot temporary, string storage)
    {
        string program = Oracle.Need("docker-registry");
        int port = FreePort();
        string settings = temporary[$"registry-{port}.yml"];
        await File.WriteAllTextAsync(
            settings,
            $"""
            version: 0.1
            log:
              level: error
              accesslog:
                disabled: true
            storage: {storage}
            http:
              addr: 127.0.0.1:{port}
              secret: {Secret}

            """);
        return await StartAsync(temporary, LoopBack, port, program, ["serve", settings]);
    }

    private static async Task<RegistryProcess> StartAsync(
        TemporaryRoot temporary, string host, int port, string program, string[] arguments)
    {
        // The shell only redirects and then becomes the registry.
        string log = temporary[$"registry-{port}.log"];
        var process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "log=$1; shift; exec \"$0\" \"$@\" >>\"$log\" 2>&1 </dev/null", program, log, .. arguments]))!;
        var registry = new RegistryProcess(process, host, port, log);
        try
        {
            await registry.WaitUntilReadyAsync();
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var address = IPEndPoint.Parse(Address);
                using var probe = new TcpClient(address.AddressFamily);
                await probe.ConnectAsync(address);
                return;
            }
            catch (SocketException)
            {
                if (_process.HasExited || waited.Elapsed > StartPatience)
                {
                    Assert.Fail($"{Address} does not answer:\n{await File.ReadAllTextAsync(Log, Encoding.UTF8)}");
                }

                await Task.Delay(50);
            }
        }
    }
}
