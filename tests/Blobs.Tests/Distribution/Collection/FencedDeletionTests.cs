using System.Collections.Concurrent;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>A request that is still on its way when another collector takes over would delete what is needed again.</summary>
public sealed class FencedDeletionTests
{
    [Fact]
    public async Task No_deletion_may_happen_after_the_lease_that_is_written_down()
    {
        var storage = new WatchedStorage();
        var digest = Digest.OfSha256("garbage"u8);
        await storage.Blobs.WriteAsync(digest, "garbage"u8.ToArray());
        await storage.References.WriteAsync(RegistryReference.ToBlob("a", digest), digest);

        Collected report = await Collected.RunAsync(storage);
        Assert.Equal([digest], report.Blobs);
        Assert.Equal([$"a@{digest}"], report.Links);
        Assert.Equal(2, storage.Deletions.Count);
        Assert.All(storage.Deletions, deletion => Assert.True(deletion.Deadline <= deletion.LeaseEnd, $"{deletion}"));
    }

    // Has no lock, as a bucket has none.
    private sealed class WatchedStorage : IRegistryStorage
    {
        private readonly MemoryStorage _inner = new(isLocked: false);

        public ConcurrentBag<(DateTimeOffset Deadline, DateTimeOffset LeaseEnd)> Deletions { get; } = [];

        public IRegistryBlobs Blobs => _inner.Blobs;

        public IRegistryUploads Uploads => _inner.Uploads;

        public IRegistryReferences References => _inner.References;

        public IRegistryRecords? Records => _inner.Records;

        public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => default;

        public async ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
            new WatchedDeletion(this, await _inner.BeginDeletionAsync(cancellationToken));

        public async ValueTask NoteAsync(DateTimeOffset deadline)
        {
            (CollectionState state, _) = await new CollectionRecords(Records!).ReadCurrentAsync(CancellationToken.None);
            Deletions.Add((deadline, state.LeaseEnd));
        }
    }

    private sealed class WatchedDeletion(WatchedStorage storage, IFencedDeletion inner) : IFencedDeletion
    {
        public bool IsLocked => inner.IsLocked;

        public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default)
        {
            await storage.NoteAsync(deadline);
            return await inner.DeleteAsync(references, deadline, cancellationToken);
        }

        public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default)
        {
            await storage.NoteAsync(deadline);
            return await inner.DeleteAsync(blobs, deadline, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
