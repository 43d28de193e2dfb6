using Blobs.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Blobs.Registry;

/// <summary>Puts an OCI registry into an ASP.NET Core application.</summary>
public static class RegistryServiceExtensions
{
    /// <summary>Adds what a registry needs. From the host's start to its end <c>blobs gc</c>, and every <see cref="RegistryCollector"/>, is
    /// kept out of the storage, unless the registry is read-only.</summary>
    /// <exception cref="ArgumentException">No storage was chosen.</exception>
    public static IServiceCollection AddRegistry(this IServiceCollection services, Action<RegistryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RegistryOptions();
        configure(options);
        IRegistryStorage storage = options.Storage
            ?? throw new ArgumentException("A registry needs a storage: o.UseFileSystem(path).", nameof(configure));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(new RegistryStore(storage, options.Store));
        services.AddSingleton<RegistryMetrics>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<AccessControl>();
        services.AddSingleton<UploadSlots>();
        services.AddSingleton<RegistryHandler>();
        services.AddHostedService<StorageStartup>();
        services.AddSingleton<IHostedService>(_ => new StoreHold(storage, options));
        if (options.LargeBuffers)
        {
            services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>>(new LargeBlocks.Factory()));
        }

        return services;
    }

    /// <summary>Maps the distribution API: everything below <c>/v2</c>, as clients expect it at the root of a host. Policies that are
    /// required of the endpoint learn with <see cref="RegistryAuthorizationExtensions"/> what a request wants.</summary>
    public static IEndpointConventionBuilder MapRegistry(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RegistryHandler handler = endpoints.ServiceProvider.GetRequiredService<RegistryHandler>();

        // Repository names have slashes in them: the end of a path decides, which no route pattern can say.
        return endpoints.Map("/v2/{**rest}", handler.HandleAsync).WithDisplayName("registry");
    }

    /// <summary>Maps <c>/healthz</c>, which answers while the process does, and <c>/readyz</c>, which also asks the storage.</summary>
    public static IEndpointRouteBuilder MapRegistryHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Map("/healthz", HealthEndpoints.LiveAsync);
        endpoints.Map("/readyz", HealthEndpoints.ReadyAsync);
        return endpoints;
    }
}
