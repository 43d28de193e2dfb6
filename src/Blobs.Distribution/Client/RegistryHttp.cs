namespace Blobs.Distribution.Client;

/// <summary>The HTTP clients of a <see cref="RegistryClient"/>: one for servers that the user named, and one for those that a
/// registry sends us to.</summary>
/// <param name="direct">For servers that the user named.</param>
/// <param name="guarded">For others; it leads to no private address.</param>
/// <param name="guard">Knows which servers are public.</param>
/// <param name="owner">What to dispose; null for nothing.</param>
internal sealed class RegistryHttp(Func<HttpClient> direct, Func<HttpClient> guarded, AddressGuard guard, Action? owner) : IDisposable
{
    public HttpClient Direct => direct();

    public HttpClient Guarded => guarded();

    public AddressGuard Guard => guard;

    /// <summary>The clients that a <see cref="RegistryClient"/> makes for itself.</summary>
    public static RegistryHttp Create(RegistryClientOptions options)
    {
        if (options.Handler is { } handler)
        {
            // Whoever brings a handler connects by himself: only addresses, and no names, can be checked.
            HttpClient one = Endless(new HttpClient(handler, disposeHandler: false));
            return new RegistryHttp(() => one, () => one, new AddressGuard(), one.Dispose);
        }

        AddressGuard guard = GuardOf(options);
        HttpClient direct = Endless(new HttpClient(RegistrySockets.Create(options, guard.Proxy, guard.ConnectAsync)));
        HttpClient guarded = Endless(new HttpClient(RegistrySockets.Create(options, guard.Proxy, guard.ConnectToPublicAsync)));
        return new RegistryHttp(() => direct, () => guarded, guard, () =>
        {
            direct.Dispose();
            guarded.Dispose();
        });
    }

    /// <summary>The guard of a client with these options.</summary>
    public static AddressGuard GuardOf(RegistryClientOptions options) =>
        options.Guard ?? new AddressGuard { Proxy = EnvironmentProxy.OfProcess() };

    /// <summary>Large blobs may take any time; the idle timeout of each request applies instead.</summary>
    public static HttpClient Endless(HttpClient client)
    {
        client.Timeout = Timeout.InfiniteTimeSpan;
        return client;
    }

    public void Dispose() => owner?.Invoke();
}
