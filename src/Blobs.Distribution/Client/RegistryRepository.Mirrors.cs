using System.Collections.Concurrent;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Distribution.Client;

/// <content>Reading from mirrors first.</content>
public sealed partial class RegistryRepository
{
    private readonly ConcurrentDictionary<Digest, bool> _mirrored = new();

    /// <summary>The same repository in mirrors of the registry.</summary>
    internal IReadOnlyList<RegistryRepository> Mirrors { get; init; } = [];

    /// <summary>Whether a blob was requested from a mirror. The next request for it goes to the registry, so whoever got
    /// wrong bytes need only ask again.</summary>
    internal bool HasUsedMirrors => !_mirrored.IsEmpty;

    private IEnumerable<RegistryRepository> UsableMirrors => Mirrors.Where(mirror => mirror._connection.IsUsable);

    // What a mirror fails with does not matter: the registry itself has the last word.
    private async Task<T> FromMirrorsAsync<T>(Func<RegistryRepository, Task<T>> read)
    {
        foreach (RegistryRepository mirror in UsableMirrors)
        {
            try
            {
                return await read(mirror).ConfigureAwait(false);
            }
            catch (BlobsException fault)
            {
                mirror._connection.LeaveMirror(fault);
            }
        }

        return await read(this).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<BlobServer>> ServersOfAsync(Digest digest, CancellationToken cancellationToken)
    {
        var servers = new List<BlobServer>();
        if (Mirrors.Count > 0 && _mirrored.TryAdd(digest, true))
        {
            foreach (RegistryRepository mirror in UsableMirrors)
            {
                try
                {
                    servers.Add(await mirror.ServerOfAsync(digest, cancellationToken).ConfigureAwait(false));
                }
                catch (BlobsException fault)
                {
                    mirror._connection.LeaveMirror(fault);
                }
            }
        }

        return [.. servers, await ServerOfAsync(digest, cancellationToken).ConfigureAwait(false)];
    }

    private async Task<BlobServer> ServerOfAsync(Digest digest, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"blobs/{digest}", cancellationToken).ConfigureAwait(false);
        return new BlobServer(_connection, new RegistryRequest(HttpMethod.Get, address, _pull) { IsBulk = true });
    }
}
