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

    private ValueTask<Uri> ResolveAsync(string path, CancellationToken cancellationToken) =>
        _connection.ResolveAsync($"{Path}/{path}", cancellationToken);
}
