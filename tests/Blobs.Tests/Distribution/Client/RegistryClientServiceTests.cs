using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests the client as a service of a host.</summary>
public sealed class RegistryClientServiceTests
{
    private static readonly Digest Blob = Digest.OfSha256("the blob"u8);

    [Fact]
    public async Task A_host_gets_one_client_whose_requests_go_through_its_handlers()
    {
        await using var server = new LoopbackServer(IPAddress.Loopback, path => (200, "", path == "/v2/" ? "{}" : "the blob"));
        var seen = new ConcurrentQueue<string>();
        await using ServiceProvider host = new ServiceCollection()
            .AddRegistryClient(_ => Options(), client => client.AddHttpMessageHandler(() => new Watch(seen)))
            .BuildServiceProvider();
        RegistryClient client = host.GetRequiredService<RegistryClient>();
        Assert.Same(client, host.GetRequiredService<RegistryClient>());
        Assert.Equal(8, await Repository(client, server).FindBlobAsync(Blob));
        Assert.Equal(["/v2/", $"/v2/app/blobs/{Blob}"], seen);
    }

    [Fact]
    public async Task The_options_are_optional()
    {
        await using ServiceProvider host = new ServiceCollection().AddRegistryClient().BuildServiceProvider();
        Assert.NotNull(host.GetRequiredService<RegistryClient>());
    }

    [Fact]
    public async Task Private_addresses_are_guarded_in_a_host_too()
    {
        await using var inside = new LoopbackServer(IPAddress.Loopback, _ => (200, "", "secret"));
        await using var outside = new LoopbackServer(IPAddress.Parse("127.0.0.2"), path =>
            path == "/v2/" ? (200, "", "{}") : (307, $"Location: http://127.0.0.1:{inside.Port}/secret\r\n", ""));
        RegistryClientOptions options = Options() with
        {
            Guard = new AddressGuard { IsPublicAddress = address => address.Equals(IPAddress.Parse("127.0.0.2")) },
        };
        await using ServiceProvider host = new ServiceCollection().AddRegistryClient(_ => options).BuildServiceProvider();
        RegistryRepository repository = host.GetRequiredService<RegistryClient>()
            .Repository(ImageReference.Parse($"127.0.0.2:{outside.Port}/app"));
        await Assert.ThrowsAsync<MalformedDataException>(() => repository.FindBlobAsync(Blob));
        Assert.Empty(inside.Asked);
    }

    [Fact]
    public async Task The_host_s_logger_gets_requests_without_their_query()
    {
        await using var server = new LoopbackServer(IPAddress.Loopback, path =>
            path.Contains("tags", StringComparison.Ordinal) ? (503, "", "") : (200, "", "{}"));
        var log = new Lines();
        await using ServiceProvider host = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log))
            .AddRegistryClient(_ => Options() with { Retries = 1, Time = new QuickTime() })
            .BuildServiceProvider();
        RegistryClient client = host.GetRequiredService<RegistryClient>();
        await Assert.ThrowsAsync<RegistryException>(async () =>
        {
            await foreach (string _ in Repository(client, server).TagsAsync())
            {
            }
        });
        string[] own = [.. log.Written.Where(line => line.StartsWith(typeof(RegistryClient).FullName!, StringComparison.Ordinal))];
        Assert.Equal(2, own.Count(line => line.Contains($"GET http://127.0.0.1:{server.Port}/v2/app/tags/list: 503 after ", StringComparison.Ordinal)));
        Assert.Single(own, line => line.Contains("Information A request failed for now (503); attempt 1 follows", StringComparison.Ordinal));
        Assert.DoesNotContain(own, line => line.Contains('?', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_is_one_span_with_its_retries()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RegistryClient.TraceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        string path = $"/v2/traced/blobs/{Blob}";
        FakeRegistry fake = new FakeRegistry().On($"HEAD {path}", _ => FakeRegistry.Status(503), _ => FakeRegistry.Status(403));
        using RegistryClient client = fake.Client();
        await Assert.ThrowsAsync<RegistryException>(
            () => client.Repository(ImageReference.Parse($"{FakeRegistry.Domain}/traced")).FindBlobAsync(Blob));
        Activity span = Assert.Single(spans, one => $"{one.GetTagItem("url.full")}".EndsWith(path, StringComparison.Ordinal));
        Assert.Equal("registry HEAD", span.OperationName);
        Assert.Equal(403, span.GetTagItem("http.response.status_code"));
        Assert.Equal(FakeRegistry.Domain, span.GetTagItem("server.address"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    private static RegistryClientOptions Options() => new() { PlainHttp = true, Retries = 0, Credentials = new Login(null) };

    private static RegistryRepository Repository(RegistryClient client, LoopbackServer server) =>
        client.Repository(ImageReference.Parse($"127.0.0.1:{server.Port}/app"));

    private sealed class Watch(ConcurrentQueue<string> seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Enqueue(request.RequestUri!.AbsolutePath);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Written);

        public void Dispose()
        {
        }

        private sealed class Logger(string category, ConcurrentQueue<string> written) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                written.Enqueue($"{category} {logLevel} {formatter(state, exception)}");
        }
    }
}
