using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// Verifies a store of podman: the documents of every image against its record and its config, and of every layer that the tar
/// of its DiffID comes out of recording and tree. podman may work on the store meanwhile.
/// </summary>
[SupportedOSPlatform("linux")]
public static class ContainersStoreVerifier
{
    /// <summary>Verifies a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Ends it; what was found right so far stays in the state file.</param>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">The state file is of another one.</exception>
    public static async Task<VerifyReport> RunAsync(
        ContainersStore store, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var run = new VerifyRun(store.Root, options ?? new VerifyOptions(), cancellationToken);
        using (StoreView view = await store.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var images = new StoredImageVerifier(run, view.State);
            view.State.Images.ForEach(image => run.Try(store.Paths.ImagesFile, () => images.Verify(image)));
            Schedule(run, store, view.State);
        }

        await Task.Run(run.DoWork, CancellationToken.None).ConfigureAwait(false);
        return run.End();
    }

    private static void Schedule(VerifyRun run, ContainersStore store, StoreState state)
    {
        var layers = new StoredLayerVerifier(run, store, state);
        foreach (StoredLayer layer in state.Layers)
        {
            run.Try(store.Paths.LayersFile, () => layers.Schedule(layer));
        }

        HashSet<string> known = [.. state.Layers.Concat(state.VolatileLayers).Select(layer => layer.Id)];
        foreach (string folder in run.TryListDirectories(store.Paths.Overlay) ?? [])
        {
            if (LayerIds.IsValid(Path.GetFileName(folder)) && !known.Contains(Path.GetFileName(folder)))
            {
                run.LeaveUnread(folder, "has no record: a process died, or another is making it");
            }
        }
    }
}
