using System.Net;
using Amazon.Runtime;
using Blobs.Errors;
using Blobs.Registry.Tests.Testing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry.Tests;

/// <summary>A registry on a bucket that is not as one would wish.</summary>
public sealed class OtherBucketTests
{
    private const string OneHost = "Warning: one host: the storage does not support conditional writes, so no other host may serve it";

    [Theory]
    [InlineData(FakeConditions.Ignored)]
    [InlineData(FakeConditions.Unknown)]
    public async Task A_bucket_without_conditional_writes_has_one_host_which_says_so(FakeConditions conditions)
    {
        await using FakeS3 store = await new FakeS3 { Conditions = conditions }.StartAsync();
        var log = new LogLines();
        await using RegistryServer server = await StartAsync(store, log: log);
        Assert.Equal([OneHost], log.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal)));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.Client.PushImageAsync($"{i % 2}", layer: $"{i}")));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v2/foo/bar/manifests/1")).StatusCode);
        BlobsException beside = await Assert.ThrowsAnyAsync<BlobsException>(() => StartAsync(store));
        Assert.Contains("another host serves this storage alone", beside.Message, StringComparison.Ordinal);
        await server.StopAsync();
        await (await StartAsync(store)).DisposeAsync();
    }

    [Theory]
    [InlineData(FakeConditions.Ignored)]
    [InlineData(FakeConditions.Unknown)]
    [InlineData(FakeConditions.CreateOnly)]
    public async Task It_does_not_have_many_hosts(FakeConditions conditions)
    {
        await using FakeS3 store = await new FakeS3 { Conditions = conditions }.StartAsync();
        BlobsException refused = await Assert.ThrowsAnyAsync<BlobsException>(
            () => StartAsync(store, options => options.Hosts = RegistryHosts.Many));
        Assert.Contains("only one host may serve it: use --hosts one", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_with_conditional_writes_has_many_hosts_and_needs_no_word_about_it()
    {
        await using FakeS3 store = await new FakeS3().StartAsync();
        var log = new LogLines();
        await using RegistryServer one = await StartAsync(store, log: log);
        await using RegistryServer another = await StartAsync(store, log: log);
        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Enabled", true, 1)]
    [InlineData("Enabled", false, 0)]
    [InlineData("403", true, 0)]
    public async Task A_host_that_collects_garbage_says_when_the_bucket_keeps_versions(string versioning, bool collects, int lines)
    {
        await using FakeS3 store = await new FakeS3 { Versioning = versioning }.StartAsync();
        var log = new LogLines();
        await using RegistryServer server = await StartAsync(
            store, options => options.CollectEvery = collects ? TimeSpan.FromHours(1) : null, log);
        Assert.Equal(lines, log.Lines.Count(line => line.StartsWith("Warning: the storage keeps versions", StringComparison.Ordinal)));
    }

    private static Task<RegistryServer> StartAsync(FakeS3 store, Action<RegistryOptions>? configure = null, LogLines? log = null) =>
        RegistryServer.StartAsync(
            options =>
            {
                options.UseS3(new S3StorageOptions
                {
                    Bucket = FakeS3.Bucket,
                    Endpoint = store.Address,
                    Credentials = new BasicAWSCredentials("key", "secret"),
                });
                configure?.Invoke(options);
            },
            services: services => services.AddSingleton<ILoggerProvider>(log ?? new LogLines()),
            hosts: 1);
}
