using Blobs.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Blobs.Registry.Tests;

/// <summary>An application does not start on a storage that it could not serve.</summary>
public sealed class StorageStartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_application_does_not_start_on_a_store_that_is_a_file()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => StartAsync(file, isReadOnly: false));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_only_read_has_to_be_there() =>
        await Assert.ThrowsAsync<NotFoundException>(() => StartAsync(Path.Combine(_folder, "nosuch"), isReadOnly: true));

    [Fact]
    public async Task The_application_does_not_start_on_a_storage_that_cannot_be_written() =>
        await Assert.ThrowsAsync<SystemCallException>(() => StartAsync("/proc/self/store", isReadOnly: false));

    [Fact]
    public async Task A_store_that_is_not_there_is_made_where_pushes_are_taken()
    {
        await StartAsync(Path.Combine(_folder, "new"), isReadOnly: false);
        Assert.True(Directory.Exists(Path.Combine(_folder, "new/docker/registry/v2")));
        await StartAsync(Path.Combine(_folder, "new"), isReadOnly: true);
    }

    // As when an application is told to stop while it runs: whichever of the two ends first disposes of everything.
    [Fact]
    public async Task It_may_be_stopped_again_after_it_was_disposed_of()
    {
        IHost host = Build(Path.Combine(_folder, "new"), isReadOnly: false);
        await host.StartAsync();
        IHostedLifecycleService[] services = [.. host.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>()];
        Assert.NotEmpty(services);
        await host.StopAsync();
        host.Dispose();
        await Task.WhenAll(services.Select(service => service.StoppedAsync(CancellationToken.None)));
    }

    private static async Task StartAsync(string store, bool isReadOnly)
    {
        using IHost host = Build(store, isReadOnly);
        await host.StartAsync();
        await host.StopAsync();
    }

    private static IHost Build(string store, bool isReadOnly)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddRegistry(registry =>
        {
            registry.UseFileSystem(store);
            registry.ReadOnly = isReadOnly;
        });
        return builder.Build();
    }
}
