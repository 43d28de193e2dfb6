using System.Net;
using Blobs.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A registry in this process, on a free port of loopback and a folder of its own; a real Kestrel, spoken to over a socket.</summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    private readonly bool _ownsRoot;
    private WebApplication? _app;

    private RegistryServer(string root, bool ownsRoot) => (Root, _ownsRoot) = (root, ownsRoot);

    public string Root { get; }

    /// <summary>Where everything of the registry stands.</summary>
    public string Folder => Path.Combine(Root, "docker", "registry", "v2");

    public HttpClient Client { get; private set; } = null!;

    public IPEndPoint Address { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public static async Task<RegistryServer> StartAsync(
        Action<RegistryOptions>? configure = null,
        string? root = null,
        Action<IServiceCollection>? services = null,
        Action<IEndpointConventionBuilder>? map = null)
    {
        string folder = root ?? Path.Combine(Path.GetTempPath(), $"blobs-registry-{Guid.NewGuid():n}");
        if (root is null)
        {
            Directory.CreateDirectory(Path.Combine(folder, "docker", "registry", "v2"));
        }

        var server = new RegistryServer(folder, root is null);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRegistry(options =>
        {
            options.UseFileSystem(folder, Durability.None);
            configure?.Invoke(options);
        });
        services?.Invoke(builder.Services);
        server._app = builder.Build();
        IEndpointConventionBuilder registry = server._app.MapRegistry();
        map?.Invoke(registry);
        server._app.MapRegistryHealth();
        await server._app.StartAsync();
        string address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Address = IPEndPoint.Parse(address["http://".Length..]);
        server.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
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
    public Task StopAsync() => _app!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        if (_ownsRoot && Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
