using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Blobs.Files;
using Blobs.Storage.S3;
using Blobs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry.Tests.Testing;

/// <summary>
/// A registry in this process, on a free port of loopback and a folder of its own; a real Kestrel, spoken to over a socket.
/// <c>BLOBS_REGISTRY_HOSTS</c> says how many hosts serve the folder: each request of the client goes to the next one.
/// With <c>BLOBS_REGISTRY_STORE=s3</c> the content is in a bucket instead, and the folder is the prefix of its keys.
/// </summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    private static readonly Lazy<string> TokenKeyFile = new(WriteTokenKey);

    private readonly bool _ownsRoot;
    private readonly List<WebApplication> _apps = [];
    private RoundRobin? _front;

    private RegistryServer(string root, bool ownsRoot) => (Root, _ownsRoot) = (root, ownsRoot);

    public static int HostCount { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("BLOBS_REGISTRY_HOSTS"), CultureInfo.InvariantCulture, out int count) ? count : 1;

    public static bool IsInBucket { get; } = Environment.GetEnvironmentVariable("BLOBS_REGISTRY_STORE") == "s3";

    public string Root { get; }

    /// <summary>Where everything of the registry stands, in a directory.</summary>
    public string Folder => Path.Combine(Root, "docker", "registry", "v2");

    /// <summary>What stands there, in a directory or a bucket.</summary>
    public StoreFiles Files => FilesOf(Root);

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Where the first host listens.</summary>
    public IPEndPoint Address => IPEndPoint.Parse(AddressOf(_apps[0]).Authority);

    /// <summary>The services of the first host.</summary>
    public IServiceProvider Services => _apps[0].Services;

    /// <summary>What a registry on a folder would store.</summary>
    public static StoreFiles FilesOf(string root) => new(
        Path.Combine(root, "docker", "registry", "v2"), IsInBucket ? Bucket(Path.GetFileName(root), 0) : null);

    /// <param name="configure">Options of every host.</param>
    /// <param name="root">The folder; a new one when null.</param>
    /// <param name="services">More services of every host.</param>
    /// <param name="map">More about the endpoint.</param>
    /// <param name="hosts">How many hosts.</param>
    public static async Task<RegistryServer> StartAsync(
        Action<RegistryOptions>? configure = null,
        string? root = null,
        Action<IServiceCollection>? services = null,
        Action<IEndpointConventionBuilder>? map = null,
        int? hosts = null)
    {
        string folder = root ?? Path.Combine(Path.GetTempPath(), $"blobs-registry-{Guid.NewGuid():n}");
        if (root is null)
        {
            Directory.CreateDirectory(Path.Combine(folder, "docker", "registry", "v2"));
        }

        var server = new RegistryServer(folder, root is null);
        int count = hosts ?? HostCount;
        for (int i = 0; i < count; i++)
        {
            WebApplication app = Build(folder, i, count > 1, configure, services, map);
            await app.StartAsync();
            server._apps.Add(app);
        }

        Uri address = AddressOf(server._apps[0]);
        if (count > 1)
        {
            server._front = new RoundRobin([.. server._apps.Select(AddressOf)]);
            await server._front.StartAsync();
            address = server._front.Address;
        }

        server.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };
        return server;
    }

    /// <summary>Done when the host has begun to stop.</summary>
    public Task Stopping
    {
        get
        {
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
            return stopping.Task;
        }
    }

    /// <summary>Stops as SIGTERM does: requests in flight may end.</summary>
    public Task StopAsync() => Task.WhenAll(_apps.Select(app => app.StopAsync()));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        foreach (WebApplication app in _apps)
        {
            await app.DisposeAsync();
        }

        if (_ownsRoot && Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static S3StorageOptions Bucket(string prefix, int host) => new()
    {
        Bucket = Radosgw.Bucket,
        Prefix = prefix,
        Endpoint = new Uri(Radosgw.Endpoints[host % Radosgw.Endpoints.Length]),
        Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
    };

    private static WebApplication Build(
        string folder,
        int number,
        bool isOneOfMany,
        Action<RegistryOptions>? configure,
        Action<IServiceCollection>? services,
        Action<IEndpointConventionBuilder>? map)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRegistry(options =>
        {
            if (IsInBucket)
            {
                options.UseS3(Bucket(Path.GetFileName(folder), number));
            }
            else
            {
                options.UseFileSystem(folder, Durability.None);
            }

            configure?.Invoke(options);

            // On a bucket one host is one of many, too.
            bool needsKey = isOneOfMany || (options.Storage is S3Storage && options.Hosts == RegistryHosts.Automatic);
            options.TokenKeyFile ??= needsKey ? TokenKeyFile.Value : null;
        });
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        IEndpointConventionBuilder registry = app.MapRegistry();
        map?.Invoke(registry);
        app.MapRegistryHealth();
        return app;
    }

    private static string WriteTokenKey()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "token-key");
        File.WriteAllText(path, new string('k', 32));
        return path;
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}
