using System.Globalization;
using System.Net.Sockets;
using Blobs.Errors;
using Blobs.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Blobs.Cli.Serve;

/// <summary>The registry as a web server. Only <c>serve</c> uses this class, so no other verb loads ASP.NET Core.</summary>
internal static class RegistryServer
{
    // Disk I/O is synchronous: with enough threads, one that waits for the disk does not hold up other requests.
    private const int WorkerThreads = 32;

    private const int HeaderBytesMax = 16 << 10;
    private const int ConnectionsMax = 4096;

    /// <summary>Serves until cancelled, then lets the requests in flight finish.</summary>
    public static async Task RunAsync(ServeSettings settings, Action<string> say, CancellationToken cancellationToken)
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, WorkerThreads), ports);
        ListenAddress named = settings.Listen;
        settings = settings with { Listen = await named.ResolveAsync(cancellationToken).ConfigureAwait(false) };
        await using WebApplication app = Build(settings);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is SocketException || fault.InnerException is AddressInUseException or SocketException)
        {
            string why = fault.InnerException is AddressInUseException
                ? "the address is already in use"
                : $"cannot listen: {(fault.InnerException ?? fault).Message}";
            throw new WorkFailedException($"{named}: {why}", fault);
        }
        catch (SystemCallException fault) when (!settings.ReadOnly)
        {
            throw new WorkFailedException($"{fault.Message}; --read-only serves a store that cannot be written", fault);
        }

        say(Describe(settings, app));
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            say("stopping: waiting for requests in flight");
        }

        using var grace = new CancellationTokenSource(settings.Grace);
        try
        {
            await app.StopAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException fault)
        {
            string seconds = settings.Grace.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture);
            throw new WorkFailedException($"stopped; requests still running after {seconds} s were cut off", fault);
        }
    }

    private static WebApplication Build(ServeSettings settings)
    {
        // The options say everything. Other builders also read appsettings.json and variables, and watch every folder below
        // the working directory for changes.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ConfigureLogging(builder.Logging, settings);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, settings));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Grace);

        // The command handles signals and stops the host.
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddRegistry(registry =>
        {
            registry.Storage = settings.Store.Open(settings.Durability);
            registry.Htpasswd = settings.Htpasswd;
            registry.AnonymousPull = settings.AnonymousPull;
            registry.ReadOnly = settings.ReadOnly;
            registry.Hosts = settings.Hosts;
            registry.TokenKeyFile = settings.TokenKey;
            registry.Redirect = settings.Redirect;
            registry.CollectEvery = settings.CollectEvery;
            registry.Collection = settings.Collection;
            registry.Store = registry.Store with { MinimumAge = settings.Collection.MinimumAge };
            registry.ConcurrentUploads = settings.ConcurrentUploads;
            registry.LargeBuffers = true;
        });
        if (settings.Metrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .AddMeter(RegistryMetrics.MeterName, "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddPrometheusExporter());
        }

        WebApplication app = builder.Build();
        app.MapRegistry();
        app.MapRegistryHealth();
        if (settings.Metrics)
        {
            app.MapPrometheusScrapingEndpoint("/metrics");
        }

        return app;
    }

    private static void ConfigureLogging(ILoggingBuilder logging, ServeSettings settings)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(settings.IsQuiet ? LogLevel.Warning : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // The command reports why the host does not start, once and without a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }

    private static void Configure(KestrelServerOptions kestrel, ServeSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);

        // Cut off stalled clients: below this rate after the first thirty seconds, a client counts as gone.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(30));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(30));
        settings.Listen.ApplyTo(kestrel, listen =>
        {
            if (settings.TlsCertificate is { } certificate)
            {
                listen.UseHttps(PemFiles.Read(certificate, settings.TlsKey ?? certificate));
            }
        });
    }

    private static string Describe(ServeSettings settings, WebApplication app)
    {
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? $"{settings.Listen}";
        string open = (settings.Htpasswd, settings.AnonymousPull, settings.ReadOnly) switch
        {
            (null, _, false) => "anyone may pull, push and delete",
            (null, _, true) => "anyone may pull, no one may push",
            (_, true, false) => $"anyone may pull, users of {settings.Htpasswd} may push and delete",
            (_, true, true) => "anyone may pull, no one may push",
            (_, false, false) => $"users of {settings.Htpasswd} may pull, push and delete",
            (_, false, true) => $"users of {settings.Htpasswd} may pull, no one may push",
        };
        return $"listening on {address}, storing in {settings.Store.Describe(settings.Durability)}, {open}";
    }

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
