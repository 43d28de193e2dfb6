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

    private IReadOnlyList<BlobServer> ServersOf(Digest digest)
    {
        bool isFirst = Mirrors.Count > 0 && _mirrored.TryAdd(digest, true);
        return [.. (isFirst ? UsableMirrors : []).Append(this).Select(repository => repository.ServerOf(digest))];
    }

    private BlobServer ServerOf(Digest digest) => new(_connection, async stop =>
    {
        Uri address = await ResolveAsync($"blobs/{digest}", stop).ConfigureAwait(false);
        return new RegistryRequest(HttpMethod.Get, address, _pull) { IsBulk = true };
    });
}
