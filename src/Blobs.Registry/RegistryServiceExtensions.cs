using Blobs.Distribution.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Blobs.Registry;

/// <summary>Adds an OCI registry to an ASP.NET Core application.</summary>
public static class RegistryServiceExtensions
{
    /// <summary>Adds the services of a registry.</summary>
    /// <exception cref="ArgumentException">No storage is set.</exception>
    public static IServiceCollection AddRegistry(this IServiceCollection services, Action<RegistryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RegistryOptions();
        configure(options);
        IRegistryStorage storage = options.Storage
            ?? throw new ArgumentException("A registry needs a storage, such as o.UseFileSystem(path).", nameof(configure));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(storage);
        services.AddSingleton(new RegistryStore(
            storage, options.Store with { ReadOnly = options.Store.ReadOnly || options.ReadOnly }));
        services.AddSingleton<RegistryMetrics>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<AccessControl>();
        services.AddSingleton<UploadSlots>();
        services.AddSingleton<RegistryHandler>();
        services.AddSingleton<StorageStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageStartup>());
        services.AddHostedService<CollectionService>();
        if (options.LargeBuffers)
        {
            services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>>(new LargeBlocks.Factory()));
        }

        return services;
    }

    /// <summary>Maps the distribution API, all of <c>/v2</c>, which clients expect at the root of a host. Authorization
    /// policies of the endpoint learn from <see cref="RegistryAuthorizationExtensions"/> what a request asks for.</summary>
    public static IEndpointConventionBuilder MapRegistry(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RegistryHandler handler = endpoints.ServiceProvider.GetRequiredService<RegistryHandler>();

        // Repository names contain slashes, so only the end of a path tells the endpoint; route patterns cannot express that.
        return endpoints.Map("/v2/{**rest}", handler.HandleAsync).WithDisplayName("registry");
    }

    /// <summary>Maps <c>/healthz</c>, which answers while the process runs, and <c>/readyz</c>, which also checks the
    /// storage.</summary>
    public static IEndpointRouteBuilder MapRegistryHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Map("/healthz", HealthEndpoints.LiveAsync);
        endpoints.Map("/readyz", HealthEndpoints.ReadyAsync);
        return endpoints;
    }
}
