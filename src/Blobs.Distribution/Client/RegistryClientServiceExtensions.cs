using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Blobs.Distribution.Client;

/// <summary>Adds a <see cref="RegistryClient"/> to a host's services.</summary>
public static class RegistryClientServiceExtensions
{
    // Connections are renewed so often that changes of DNS are noticed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Adds one <see cref="RegistryClient"/> for the whole host. Its requests go through <c>IHttpClientFactory</c>, and
    /// it logs to the host's loggers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Makes the options; the defaults when null.</param>
    /// <param name="configure">Configures the two HTTP clients, one for registries and one for servers that a registry sends
    /// requests to. Handlers may be added; the primary handler keeps connections to public addresses.</param>
    public static IServiceCollection AddRegistryClient(
        this IServiceCollection services,
        Func<IServiceProvider, RegistryClientOptions>? options = null,
        Action<IHttpClientBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(provider => new Settings(provider, options?.Invoke(provider) ?? new RegistryClientOptions()));
        IHttpClientBuilder direct = AddClient(services, Settings.Direct, guard => guard.ConnectAsync);
        IHttpClientBuilder guarded = AddClient(services, Settings.Guarded, guard => guard.ConnectToPublicAsync);
        configure?.Invoke(direct);
        configure?.Invoke(guarded);
        services.AddSingleton(provider => provider.GetRequiredService<Settings>().Create());
        return services;
    }

    private static IHttpClientBuilder AddClient(
        IServiceCollection services,
        string name,
        Func<AddressGuard, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>> connect) => services
            .AddHttpClient(name)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                Settings settings = provider.GetRequiredService<Settings>();
                SocketsHttpHandler handler = RegistrySockets.Create(settings.Options, settings.Guard.Proxy, connect(settings.Guard));
                handler.PooledConnectionLifetime = ConnectionLifetime;
                return handler;
            });

    /// <summary>What the client and its handlers share.</summary>
    private sealed class Settings(IServiceProvider provider, RegistryClientOptions options)
    {
        public const string Direct = "Blobs.Distribution";
        public const string Guarded = "Blobs.Distribution.Elsewhere";

        public RegistryClientOptions Options { get; } = options.Logger != NullLogger.Instance
            ? options
            : options with { Logger = provider.GetService<ILoggerFactory>()?.CreateLogger<RegistryClient>() ?? options.Logger };

        public AddressGuard Guard { get; } = RegistryHttp.GuardOf(options);

        public RegistryClient Create()
        {
            if (Options.Handler is not null)
            {
                return new RegistryClient(Options);
            }

            IHttpClientFactory factory = provider.GetRequiredService<IHttpClientFactory>();
            return new RegistryClient(Options, new RegistryHttp(
                () => RegistryHttp.Endless(factory.CreateClient(Direct)),
                () => RegistryHttp.Endless(factory.CreateClient(Guarded)),
                Guard,
                owner: null));
        }
    }
}
