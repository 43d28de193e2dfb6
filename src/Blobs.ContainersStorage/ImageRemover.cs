using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Removes images: first the record, then what it named, so that no record names what is gone.</summary>
[SupportedOSPlatform("linux")]
internal static class ImageRemover
{
    public static async Task<RemovedImage> RunAsync(
        ContainersStore store, string name, bool isForced, CancellationToken cancellationToken)
    {
        using StoreSession session =
            await StoreSession.BeginAsync(store.Paths, store.Options, cancellationToken).ConfigureAwait(false);
        StoredImage image = StoreNames.Find(session.State, name);
        string[] meant = [.. image.Names.Where(one => StoreNames.IsMeant(one, name))];
        if (meant.Length > 0 && image.Names.Count > meant.Length)
        {
            session.Replace(image, ImageRecord.WithoutNames(image, meant));
            session.SaveImages();
            return new RemovedImage(meant, null, []);
        }

        if (meant.Length == 0 && image.Names.Count > 1 && !isForced)
        {
            string names = string.Join(", ", image.Names);
            throw new StoreException(store.Root, $"image {image.Id} has several names ({names}); remove them one by one, or force it");
        }

        List<StoredContainer> containers = await ReadContainersAsync(store, cancellationToken).ConfigureAwait(false);
        if (containers.Find(container => container.Image == image.Id) is { } user)
        {
            throw new StoreException(
                store.Root, $"image {image.Id} is used by container {(user.Names.Count > 0 ? user.Names[0] : user.Id)}; remove that first");
        }

        session.State.Images.RemoveAll(one => one.Id == image.Id);
        session.SaveImages();
        TreeRemover.Remove(store.Paths.ImageItems(image.Id));
        List<string> unused = Unused(session.State, image, containers);
        session.RemoveLayers(unused);
        return new RemovedImage(image.Names, image.Id, unused);
    }

    private static async Task<List<StoredContainer>> ReadContainersAsync(ContainersStore store, CancellationToken cancellationToken)
    {
        if (!FilePath.IsDirectory(store.Paths.Containers))
        {
            return [];
        }

        using StoreLock held = await StoreLock
            .TakeAsync(store.Paths.ContainersLock, false, store.Options.LockWait, cancellationToken).ConfigureAwait(false);
        return
        [
            .. StoreRecords.ReadContainers(store.Paths.ContainersFile),
            .. StoreRecords.ReadContainers(store.Paths.VolatileContainersFile),
        ];
    }

    // From the top down, as long as nothing else is on the layer or names it.
    private static List<string> Unused(StoreState state, StoredImage image, List<StoredContainer> containers)
    {
        HashSet<string> named =
        [
            .. state.Images.SelectMany(other => other.MappedLayers.Append(other.TopLayer ?? "")),
            .. containers.Select(container => container.Layer ?? ""),
        ];
        var unused = new List<string>();
        foreach (string top in image.MappedLayers.Append(image.TopLayer ?? ""))
        {
            for (string? id = top; id is not null && !named.Contains(id) && !HasOthersOnIt(id);)
            {
                if (state.Layers.Find(layer => layer.Id == id) is not { } layer || unused.Contains(id))
                {
                    break;
                }

                unused.Add(id);
                id = layer.Parent;
            }
        }

        return unused;

        bool HasOthersOnIt(string id) =>
            state.Layers.Concat(state.VolatileLayers).Any(layer => layer.Parent == id && !unused.Contains(layer.Id));
    }
}
