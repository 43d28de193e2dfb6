using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Registry.Tests.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Blobs.Registry.Tests;

/// <summary>What supervisors ask, and what the host's own settings must not break.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task A_healthy_registry_is_live_and_ready(string path)
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        HttpResponseMessage response = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void A_registry_without_a_storage_is_a_mistake() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddRegistry(_ => { }));

    [Fact]
    [OnDirectory]
    public async Task A_store_that_cannot_be_written_is_500_without_details()
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        Directory.CreateDirectory(server.Folder);
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "repositories"), "in the way");
        HttpResponseMessage response = await server.Client.CallAsync("POST", "/v2/foo/blobs/uploads/");
        await response.ExpectErrorAsync(500, "UNKNOWN");
        Assert.DoesNotContain(server.Root, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_lets_an_upload_finish()
    {
        // Sent is not yet received: a connection on which no request has begun is closed.
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RegistryServer server = await RegistryServer.StartAsync(map: registry => registry.Add(endpoint =>
        {
            RequestDelegate handle = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                begun.TrySetResult();
                return handle(context);
            };
        }));
        byte[] content = Content.Random(1 << 20);
        using var body = new HalvedContent(content);
        Task<HttpResponseMessage> push = server.Client.PostAsync($"/v2/foo/blobs/uploads/?digest={Content.Digest(content)}", body);
        await body.HalfIsSent;
        await begun.Task;
        Task stopping = server.Stopping;
        Task stop = server.StopAsync();
        await stopping;
        body.SendTheRest();
        Assert.Equal(HttpStatusCode.Created, (await push).StatusCode);
        await stop;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_host_keeps_its_own_memory_pool_by_default(bool isTold)
    {
        var own = new OwnPool();
        var services = new ServiceCollection();
        services.AddSingleton<IMemoryPoolFactory<byte>>(own);
        services.AddRegistry(options => options.UseFileSystem("nowhere").LargeBuffers = isTold);
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal(!isTold, ReferenceEquals(own, provider.GetRequiredService<IMemoryPoolFactory<byte>>()));
    }

    [Fact]
    public async Task Garbage_is_collected_beside_hosts_that_take_pushes()
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        await using RegistryServer second = await RegistryServer.StartAsync(root: server.Root);
        await server.Client.PushImageAsync();
        await second.Client.PushBlobAsync([1]);
        IRegistryStorage storage = server.Services.GetRequiredService<IRegistryStorage>();
        CollectionReport report = await new RegistryCollector(storage).RunAsync(new CollectionOptions { MinimumAge = TimeSpan.Zero });
        Assert.Equal(1, report.Blobs);
        Assert.Equal(HttpStatusCode.OK, (await second.Client.GetAsync("/v2/foo/bar/manifests/latest")).StatusCode);
    }

    [Fact]
    public async Task A_host_collects_garbage_from_time_to_time()
    {
        // Collection begins when all is pushed: a slow machine may take longer for a push than the age that protects it.
        await using RegistryServer server = await RegistryServer.StartAsync();
        await server.Client.PushImageAsync();
        string path = $"/v2/foo/bar/blobs/{await server.Client.PushBlobAsync([1])}";
        await using RegistryServer collecting = await RegistryServer.StartAsync(
            options =>
            {
                options.CollectEvery = TimeSpan.FromMilliseconds(50);
                options.Store = options.Store with { MinimumAge = TimeSpan.FromMilliseconds(1) };
            },
            root: server.Root);
        while ((await server.Client.GetAsync(path)).StatusCode != HttpStatusCode.NotFound)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v2/foo/bar/manifests/latest")).StatusCode);
    }

    [Fact]
    public async Task Durations_are_counted_in_steps_of_their_own_size()
    {
        IReadOnlyList<double>? bounds = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Histogram<double> { Name: "blobs.registry.request.duration" } histogram)
            {
                bounds = histogram.Advice?.HistogramBucketBoundaries;
            }
        };
        listener.Start();
        await using RegistryServer server = await RegistryServer.StartAsync();
        await server.Client.GetAsync("/v2/");
        Assert.NotNull(bounds);
        Assert.True(bounds.Count(bound => bound <= 1) >= 8 && bounds.Any(bound => bound > 60), string.Join(", ", bounds));
        Assert.Equal(bounds.Order(), bounds);
    }

    private sealed class OwnPool : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => MemoryPool<byte>.Shared;
    }
}
