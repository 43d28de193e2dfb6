using System.Net;
using Blobs.Registry.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Blobs.Registry.Tests;

/// <summary>What supervisors ask, and what the host's own settings must not break.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task A_healthy_registry_says_so(string path)
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
    public async Task A_store_that_cannot_be_written_is_500_and_nothing_of_it_is_said()
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
        await using RegistryServer server = await RegistryServer.StartAsync();
        byte[] content = Content.Random(1 << 20);
        using var body = new HalvedContent(content);
        Task<HttpResponseMessage> push = server.Client.PostAsync($"/v2/foo/blobs/uploads/?digest={Content.Digest(content)}", body);
        await body.HalfIsSent;

        // Sent is not yet received: a connection on which no request has begun is closed.
        string uploads = Path.Combine(server.Folder, "repositories/foo/_uploads");
        while (!Directory.Exists(uploads) || Directory.GetFiles(uploads, "data", SearchOption.AllDirectories).Length == 0)
        {
            Assert.False(push.IsCompleted, "the push has ended before its body has");
            await Task.Delay(20);
        }

        Task stopping = server.Stopping;
        Task stop = server.StopAsync();
        await stopping;
        body.SendTheRest();
        Assert.Equal(HttpStatusCode.Created, (await push).StatusCode);
        await stop;
    }
}
