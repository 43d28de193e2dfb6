using System.Collections.Concurrent;
using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Distribution.Collection;

/// <summary>What all parts of one collection share.</summary>
internal sealed class Collection(IRegistryStorage storage, Limits limits, CollectionOptions options, TimeProvider clock)
{
    public IRegistryStorage Storage => storage;

    public Limits Limits => limits;

    public CollectionOptions Options => options;

    public TimeProvider Clock => clock;

    public RepositoryNames Names { get; } = new();

    /// <summary>The manifests that lack a part, as the first mark of the first run found.</summary>
    public ConcurrentDictionary<(string Repository, CandidateKey Key), bool> Lacking { get; } = new();

    public StoreRequests Requests { get; } = new(storage, options.RequestsPerSecond, clock);

    public RevisionReader Reader => field ??= new RevisionReader(Requests, limits);
}
