using System.Net;
using Blobs.Registry.Tests.Testing;
using Microsoft.AspNetCore.Builder;
using Samples;

namespace Blobs.Registry.Tests;

/// <summary>Runs the samples of the READMEs that need a registry. That they are what is shown there, Blobs.Tests' ReadmeTests hold.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_registry_of_the_sample_answers()
    {
        string store = Directory.CreateTempSubdirectory().FullName;
        var started = new TaskCompletionSource<WebApplication>();
        Task running = Task.Run(() => RegistrySample.Run(store, app =>
        {
            app.Urls.Add("http://127.0.0.1:0");
            app.Lifetime.ApplicationStarted.Register(() => started.SetResult(app));
        }));
        WebApplication app = await await Task.WhenAny(started.Task, running.ContinueWith(_ => started.Task, TaskScheduler.Default).Unwrap());
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/")).StatusCode);
        await app.StopAsync();
        await running;
        Directory.Delete(store, recursive: true);
    }

    [Fact]
    [OnDirectory]
    public async Task The_samples_of_the_client_and_the_store_find_what_is_there()
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        await server.Client.PushImageAsync("1", "team/app");
        Assert.Equal(["1"], await TagsSample.RunAsync($"{server.Address}/team/app"));
        Assert.Equal(["team/app"], await StoreSample.RunAsync(server.Root));
    }
}
