using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <summary>One repository of a registry: its manifests, blobs and tags.</summary>
public sealed partial class RegistryRepository
{
    private const int TagsPage = 1000;

    private readonly RegistryConnection _connection;
    private readonly IReadOnlyList<string> _pull;
    private readonly IReadOnlyList<string> _push;
    private readonly IReadOnlyList<string> _delete;

    internal RegistryRepository(RegistryConnection connection, string domain, string path)
    {
        _connection = connection;
        Domain = domain;
        Path = path;
        _pull = [$"repository:{Path}:pull"];
        _push = [$"repository:{Path}:pull,push"];

        // No action's name for it is common: docker-registry asks for "delete", which others refuse; all of them know *.
        _delete = [$"repository:{Path}:*"];
    }

    /// <summary>The registry: host and port.</summary>
    public string Domain { get; }

    /// <summary>The repository in that registry.</summary>
    public string Path { get; }

    /// <summary>Registry and repository in full.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>Lists the repository's tags; pages are fetched as needed.</summary>
    /// <exception cref="RegistryException">The registry does not know the repository, or refuses.</exception>
    public IAsyncEnumerable<string> TagsAsync(CancellationToken cancellationToken = default) =>
        new PagedList(_connection, _pull, $"{Path}/tags/list?n={TagsPage}").NamesAsync(page => page.Tags, cancellationToken);

    /// <summary>The tags that name a manifest, in the registry's order. Every tag of the repository has to be looked
    /// up.</summary>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task<IReadOnlyList<string>> TagsOfAsync(Digest manifest, CancellationToken cancellationToken = default)
    {
        var all = new List<string>();
        await foreach (string tag in TagsAsync(cancellationToken).Where(tag => TagName.IsValid(tag)).ConfigureAwait(false))
        {
            all.Add(tag);
        }

        bool[] names = new bool[all.Count];
        await Parallel.ForAsync(
            0,
            all.Count,
            new ParallelOptions { MaxDegreeOfParallelism = _connection.Options.Connections, CancellationToken = cancellationToken },
            async (index, stop) =>
                names[index] = (await FindManifestAsync(all[index], stop).ConfigureAwait(false))?.Digest == manifest)
            .ConfigureAwait(false);
        return [.. all.Where((_, index) => names[index])];
    }

    private ValueTask<Uri> ResolveAsync(string path, CancellationToken cancellationToken) =>
        _connection.ResolveAsync($"{Path}/{path}", cancellationToken);
}
