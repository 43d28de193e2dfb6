using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// The store, held for writing: both locks, in the library's order, and the documents as they are now. Running podman
/// processes wait meanwhile. What dead processes left half done is removed at the beginning.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreSession : IDisposable
{
    private readonly ContainersStoreOptions _options;
    private readonly StoreModes _modes;
    private readonly StoreLock _layersLock;
    private readonly StoreLock _imagesLock;

    private StoreSession(StorePaths paths, ContainersStoreOptions options, StoreLock layersLock, StoreLock imagesLock)
    {
        _options = options;
        _modes = StoreModes.Of(options);
        _layersLock = layersLock;
        _imagesLock = imagesLock;
        State = StoreState.Load(paths);
    }

    public StoreState State { get; }

    public StorePaths Paths => State.Paths;

    public bool IsDurable => _options.Durability != Durability.None;

    public static async Task<StoreSession> BeginAsync(
        StorePaths paths, ContainersStoreOptions options, CancellationToken cancellationToken)
    {
        StoreLock layers =
            await StoreLock.TakeAsync(paths.LayersLock, true, options.LockWait, cancellationToken).ConfigureAwait(false);
        StoreLock? images = null;
        try
        {
            images = await StoreLock.TakeAsync(paths.ImagesLock, true, options.LockWait, cancellationToken).ConfigureAwait(false);
            var session = new StoreSession(paths, options, layers, images);
            session.Sweep();
            return session;
        }
        catch
        {
            images?.Dispose();
            layers.Dispose();
            throw;
        }
    }

    /// <summary>Replaces the document of layers.</summary>
    public void SaveLayers()
    {
        _layersLock.RecordWrite();
        Replace(Paths.LayersFile, StoreRecords.Write(State.Layers.Select(layer => layer.Json)), IsDurable);
    }

    /// <summary>Replaces the document of images.</summary>
    public void SaveImages()
    {
        _imagesLock.RecordWrite();
        Replace(Paths.ImagesFile, StoreRecords.Write(State.Images.Select(image => image.Json)), IsDurable);
    }

    /// <summary>Writes a document of an image.</summary>
    /// <param name="image">The image's id.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="isDurable">Whether to flush it; false when everything is flushed afterwards.</param>
    public void WriteItem(string image, string name, ReadOnlySpan<byte> content, bool isDurable)
    {
        new MadeDirectories(isDurable).Ensure(Paths.ImageItems(image), _modes.Directory);
        Replace(Paths.Item(image, name), content, isDurable);
    }

    /// <summary>Replaces the record of an image, or adds it.</summary>
    public void Replace(StoredImage old, StoredImage changed)
    {
        int index = State.Images.FindIndex(image => image.Id == old.Id);
        if (index < 0)
        {
            State.Images.Add(changed);
        }
        else
        {
            State.Images[index] = changed;
        }
    }

    /// <summary>Gives names to an image, and takes them from others.</summary>
    /// <returns>The names that other images had, with the ids of those.</returns>
    public IReadOnlyList<KeyValuePair<string, string>> Rename(StoredImage image, IReadOnlyList<string> names)
    {
        KeyValuePair<string, string>[] taken =
        [
            .. State.Images.Where(other => other.Id != image.Id)
                .SelectMany(other => other.Names.Intersect(names).Select(name => KeyValuePair.Create(name, other.Id))),
        ];
        for (int i = 0; i < State.Images.Count; i++)
        {
            State.Images[i] = State.Images[i].Id == image.Id
                ? ImageRecord.WithNames(State.Images[i], names)
                : ImageRecord.WithoutNames(State.Images[i], names);
        }

        return taken;
    }

    /// <summary>Removes layers that nobody uses: first their records say that they are incomplete, so that a crash leaves
    /// what the next process removes.</summary>
    /// <param name="ids">The layers, the top one first.</param>
    public void RemoveLayers(IReadOnlyCollection<string> ids)
    {
        if (ids.Count == 0)
        {
            return;
        }

        for (int i = 0; i < State.Layers.Count; i++)
        {
            if (ids.Contains(State.Layers[i].Id))
            {
                State.Layers[i] = LayerRecord.Flag(State.Layers[i]);
            }
        }

        SaveLayers();
        foreach (string id in ids)
        {
            LayerFiles.Remove(Paths, id);
        }

        State.Layers.RemoveAll(layer => ids.Contains(layer.Id));
        SaveLayers();
    }

    public void Dispose()
    {
        _imagesLock.Dispose();
        _layersLock.Dispose();
    }

    // As the library does when it reads the layers to write. Both locks are held, so no temporary file is in use.
    private void Sweep()
    {
        string[] incomplete = [.. State.Layers.Where(layer => layer.IsIncomplete && LayerIds.IsValid(layer.Id)).Select(layer => layer.Id)];
        foreach (string id in incomplete.Reverse())
        {
            LayerFiles.Remove(Paths, id);
        }

        if (incomplete.Length > 0)
        {
            State.Layers.RemoveAll(layer => incomplete.Contains(layer.Id));
            SaveLayers();
        }

        // A process may also have died when its image was complete: the next one then has no layer to read.
        StagingDirectory.SweepAll(Paths.StagedTrees);
        StagingDirectory.SweepAll(Paths.StagedRecordings);
        foreach (string left in TemporaryNames.HiddenIn(Paths.Layers).Concat(TemporaryNames.HiddenIn(Paths.Images)))
        {
            File.Delete(left);
        }

        foreach (string items in Directory.EnumerateDirectories(Paths.Images))
        {
            string id = Path.GetFileName(items);
            if (LayerIds.IsValid(id) && !State.Images.Exists(image => image.Id == id))
            {
                TreeRemover.Remove(items);
            }
        }
    }

    private void Replace(string path, ReadOnlySpan<byte> content, bool isDurable) =>
        AtomicFile.Replace(path, content, TemporaryNames.Hidden, _modes.File, isDurable);
}
