using Blobs.Testing;
using Microsoft.AspNetCore.Http;

namespace Blobs.Interop.Oracles;

/// <summary>Several <c>blobs serve</c> on one storage, behind a balancer that sends each request to the next of
/// them.</summary>
internal sealed class HostGroup : IAsyncDisposable
{
    private readonly TemporaryRoot _temporary;
    private readonly string _store;
    private readonly string[] _more;
    private readonly RegistryProcess[] _hosts;
    private readonly Uri[] _addresses;
    private readonly RoundRobin _front;

    private HostGroup(
        TemporaryRoot temporary, string store, RegistryProcess[] hosts, Func<HttpRequest, NetworkFault?>? fault, string[] more)
    {
        _temporary = temporary;
        _store = store;
        _more = more;
        _hosts = hosts;
        _addresses = [.. hosts.Select(AddressOf)];
        _front = new RoundRobin(_addresses, fault);
    }

    /// <summary>Host and port of the balancer.</summary>
    public string Address => _front.Name;

    public HttpClient Client { get; private set; } = null!;

    public int Count => _hosts.Length;

    /// <param name="temporary">Takes the logs.</param>
    /// <param name="store">The storage of all hosts.</param>
    /// <param name="fault">What goes wrong between clients and hosts.</param>
    /// <param name="more">More words for each host.</param>
    public static async Task<HostGroup> StartAsync(
        TemporaryRoot temporary, string store, Func<HttpRequest, NetworkFault?>? fault = null, params string[] more)
    {
        string[] words = ["--hosts", "many", "--quiet", .. more];
        RegistryProcess[] hosts = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => RegistryProcess.OursAsync(temporary, store, words)));
        var group = new HostGroup(temporary, store, hosts, fault, words);
        await group._front.StartAsync();
        group.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = group._front.Address };
        return group;
    }

    /// <summary>Starts them on <c>directory</c> or <c>bucket</c>, as tests call the two kinds of storage.</summary>
    public static Task<HostGroup> StartOnAsync(string kind, TemporaryRoot temporary) => kind == "bucket"
        ? StartInBucketAsync(temporary, new Uri(Radosgw.Endpoint))
        : StartAsync(temporary, temporary.Folder("store"));

    /// <summary>Starts them on a part of the tests' bucket.</summary>
    /// <param name="temporary">Takes the logs.</param>
    /// <param name="endpoint">The object store, or what stands before it.</param>
    public static Task<HostGroup> StartInBucketAsync(TemporaryRoot temporary, Uri endpoint)
    {
        Radosgw.Need();
        string store = $"s3://{Radosgw.Bucket}/{Radosgw.NewPrefix()}";
        return StartAsync(temporary, store, fault: null, "--s3-endpoint", endpoint.GetLeftPart(UriPartial.Authority));
    }

    /// <summary>Kills a host as a loss of power would.</summary>
    public Task KillAsync(int host) => _hosts[host].KillAsync();

    /// <summary>Starts another one in its place.</summary>
    public async Task ReplaceAsync(int host)
    {
        RegistryProcess started = await RegistryProcess.OursAsync(_temporary, _store, _more);
        await _hosts[host].DisposeAsync();
        _hosts[host] = started;
        _addresses[host] = AddressOf(_hosts[host]);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _front.DisposeAsync();
        await Task.WhenAll(_hosts.Select(host => host.DisposeAsync().AsTask()));
    }

    private static Uri AddressOf(RegistryProcess host) => new($"http://{host.Address}");
}
