using System.Globalization;
using Blobs.Containerd.Api;
using Blobs.Hashing;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>
/// A lease: containerd's collector leaves alone what is made under it, and what is named to it. It is deleted at the end, which
/// collects what no image keeps. Should this process die, the next one that writes to the namespace deletes it, or it
/// expires.
/// </summary>
internal sealed class Lease : IAsyncDisposable
{
    private const string ExpireLabel = "containerd.io/gc.expire";
    private const string OwnerLabel = "blobs/process";
    private const int ExpireHours = 24;

    private readonly Services _services;
    private readonly string _id;

    private Lease(ContainerdStore store, string id)
    {
        _services = store.Services;
        _id = id;
        Services = store.Under(id);
    }

    /// <summary>The services, with this lease on everything that they make.</summary>
    public Services Services { get; }

    /// <summary>Begins a lease. Those of processes that died are deleted.</summary>
    public static async Task<Lease> CreateAsync(ContainerdStore store, CancellationToken cancellationToken)
    {
        await SweepAsync(store.Services, cancellationToken).ConfigureAwait(false);
        DateTimeOffset expire = TimeProvider.System.GetUtcNow().AddHours(ExpireHours);
        var request = new CreateLeaseRequest
        {
            // The client names it, so that a repeated call finds the first one's lease.
            Id = $"blobs-{Guid.NewGuid():N}",
            Labels =
            {
                [ExpireLabel] = expire.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                [OwnerLabel] = ProcessMark.Own,
            },
        };
        try
        {
            await store.Services.Leases.CreateAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
        {
        }

        return new Lease(store, request.Id);
    }

    /// <summary>Keeps a snapshot from the collector, whether it is there already or not.</summary>
    public Task AddSnapshotAsync(string snapshotter, string name, CancellationToken cancellationToken) =>
        AddAsync(new Resource { Type = $"snapshots/{snapshotter}", Id = name }, cancellationToken);

    /// <summary>Keeps a blob from the collector, whether it is there already or not.</summary>
    public Task AddContentAsync(Digest digest, CancellationToken cancellationToken) =>
        AddAsync(new Resource { Type = "content", Id = $"{digest}" }, cancellationToken);

    /// <summary>Ends the lease, and waits until what only it kept is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await DeleteAsync(_services, _id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // What failed before says more. The next writer, or its expiry, ends the lease.
        }
    }

    private async Task AddAsync(Resource resource, CancellationToken cancellationToken)
    {
        var request = new AddResourceRequest { Id = _id, Resource = resource };
        await _services.Leases.AddResourceAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static async Task SweepAsync(Services services, CancellationToken cancellationToken)
    {
        ListLeasesResponse all = await services.Leases
            .ListAsync(new ListLeasesRequest(), cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (Api.Lease lease in all.Leases)
        {
            if (lease.Labels.TryGetValue(OwnerLabel, out string? owner) && ProcessMark.IsOfDead(owner))
            {
                await DeleteAsync(services, lease.Id, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task DeleteAsync(Services services, string id, CancellationToken cancellationToken)
    {
        try
        {
            var request = new DeleteLeaseRequest { Id = id, Sync = true };
            await services.Leases.DeleteAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
        }
    }
}
