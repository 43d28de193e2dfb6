using System.Globalization;
using Blobs.Containerd.Api;
using Blobs.Hashing;
using Blobs.Oci;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Makes the snapshots of one image, under its lease.</summary>
internal sealed class SnapshotWriter(Lease lease, string snapshotter)
{
    private const string ReferenceLabel = "containerd.io/snapshot.ref";
    private const int Attempts = 8;

    private Snapshots.SnapshotsClient Snapshots => lease.Services.Snapshots;

    /// <summary>Whether a stack of layers is there. If so, the lease keeps it.</summary>
    public async Task<bool> HasAsync(ChainId chain, CancellationToken cancellationToken)
    {
        // In this order: the collector may run between the two.
        await lease.AddSnapshotAsync(snapshotter, $"{chain}", cancellationToken).ConfigureAwait(false);
        return await ImageInspector.HasSnapshotAsync(lease.Services, snapshotter, chain, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an empty snapshot, to unpack a layer into.</summary>
    /// <param name="chain">The stack that it becomes.</param>
    /// <param name="parent">The stack below it; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when the stack is there by now.</returns>
    public async Task<NewSnapshot?> PrepareAsync(ChainId chain, ChainId? parent, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var request = new PrepareSnapshotRequest
            {
                Snapshotter = snapshotter,
                Key = NewKey(chain),
                Parent = $"{parent}",
                Labels = { [ReferenceLabel] = $"{chain}" },
            };
            try
            {
                PrepareSnapshotResponse made =
                    await Snapshots.PrepareAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
                return new NewSnapshot(request.Key, made.Mounts);
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
            {
                // Or the call was repeated, and the first one succeeded.
                await RemoveAsync(request.Key, cancellationToken).ConfigureAwait(false);
                if (await HasAsync(chain, cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }
            }
        }

        throw new ContainerdException("AlreadyExists", $"snapshot {chain}: somebody makes and removes it all the time");
    }

    /// <summary>Makes a snapshot the tree of a stack of layers. If somebody else was faster, theirs stays.</summary>
    /// <param name="key">The snapshot.</param>
    /// <param name="chain">The stack.</param>
    /// <param name="rebasedOn">The stack below it, if it was prepared without one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task CommitAsync(string key, ChainId chain, ChainId? rebasedOn, CancellationToken cancellationToken)
    {
        var request = new CommitSnapshotRequest
        {
            Snapshotter = snapshotter,
            Name = $"{chain}",
            Key = key,
            Parent = $"{rebasedOn}",
            Labels = { [ReferenceLabel] = $"{chain}" },
        };
        try
        {
            await Snapshots.CommitAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
        {
            await RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
            // The call was repeated, and the first one succeeded; or the snapshot is gone indeed.
            if (!await HasAsync(chain, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }
    }

    /// <summary>The trees of a stack of layers, the top one first.</summary>
    public async Task<IReadOnlyList<string>> TreesAsync(ChainId chain, CancellationToken cancellationToken)
    {
        string key = NewKey(chain);
        var request = new ViewSnapshotRequest { Snapshotter = snapshotter, Key = key, Parent = $"{chain}" };
        ViewSnapshotResponse view = await Snapshots.ViewAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        await RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        return WritableTree.ReadView(view.Mounts);
    }

    /// <summary>Has containerd unpack the blob of a layer.</summary>
    public async Task ApplyAsync(NewSnapshot snapshot, Descriptor blob, DiffId expected, CancellationToken cancellationToken)
    {
        var request = new ApplyRequest
        {
            Diff = new Target { MediaType = blob.MediaType, Digest = $"{blob.Digest}", Size = blob.Size },
            Mounts = { snapshot.Mounts },
        };
        ApplyResponse applied =
            await lease.Services.Diff.ApplyAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (applied.Applied?.Digest != $"{expected}")
        {
            throw new DigestMismatchException("DiffID", $"{expected}", applied.Applied?.Digest ?? "none", applied.Applied?.Size ?? 0);
        }
    }

    /// <summary>Removes a snapshot; that it is not there is no error.</summary>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new RemoveSnapshotRequest { Snapshotter = snapshotter, Key = key };
            await Snapshots.RemoveAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
        }
    }

    // As containerd's own clients name them.
    private static string NewKey(ChainId chain)
    {
        long nanoseconds = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return string.Create(CultureInfo.InvariantCulture, $"extract-{nanoseconds}-{Guid.NewGuid():N} {chain}");
    }
}
