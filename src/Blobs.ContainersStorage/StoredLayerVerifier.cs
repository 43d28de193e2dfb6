using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Trees.Internal;
using Blobs.Verification.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Verifies layers: the files by which they are mounted, and that recording and tree give the tar of the
/// DiffID.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoredLayerVerifier(VerifyRun run, ContainersStore store, StoreState state)
{
    private const int BufferBytes = 256 << 10;

    private StorePaths Paths => store.Paths;

    /// <summary>Verifies what is quickly read, and leaves the tar for later. The store's locks are held.</summary>
    public void Schedule(StoredLayer layer)
    {
        string folder = Paths.Layer(layer.Id);
        if (layer.IsIncomplete)
        {
            run.LeaveUnread(folder, "is incomplete; the next process that writes to the store removes it");
            return;
        }

        if (layer.Parent is { } parent && state.TryGetLayer(parent) is null)
        {
            run.Find(Paths.LayersFile, $"has a layer {layer.Id} on top of {parent}, which is not there");
        }

        VerifyLinks(layer);
        if (layer.DiffId is not { } diffId || !FilePath.IsFile(Paths.Recording(layer.Id)))
        {
            LeaveWithoutRecording(layer);
            return;
        }

        var recording = new FileInfo(Paths.Recording(layer.Id));
        string name = $"layer overlay {layer.Id} {diffId} {recording.LastWriteTimeUtc.Ticks}";
        run.Later(name, folder, (layer.TarLength ?? 0, () => IsTarRight(layer, diffId)));
    }

    // Images' layers have a recording. Those of containers have none, and no digest.
    private void LeaveWithoutRecording(StoredLayer layer)
    {
        if (layer.DiffId is null)
        {
            run.LeaveUnread(Paths.Layer(layer.Id), "has no digest: it is a container's, or was pulled in parts");
        }
        else
        {
            run.Find(Paths.Recording(layer.Id), $"is missing: the tar of layer {layer.Id} cannot be rebuilt");
        }
    }

    private void VerifyLinks(StoredLayer layer)
    {
        string? link = SmallFile.TryReadText(Paths.LinkFile(layer.Id));
        if (string.IsNullOrEmpty(link))
        {
            run.Find(Paths.LinkFile(layer.Id), "is missing or empty");
            return;
        }

        string target = $"../{layer.Id}/diff";
        if (new FileInfo(Path.Combine(Paths.Links, Path.GetFileName(link.Trim()))).LinkTarget is var found && found != target)
        {
            run.Find(Path.Combine(Paths.Links, Path.GetFileName(link.Trim())), $"leads to {found ?? "nothing"}, expected {target}");
        }

        string? lower = SmallFile.TryReadText(Paths.LowerFile(layer.Id));
        string? expected = layer.Parent is { } parent && state.TryGetLayer(parent) is not null ? LayerLinks.Below(Paths, parent) : null;
        if ((lower ?? "") != (expected ?? ""))
        {
            run.Find(Paths.LowerFile(layer.Id), $"is {lower ?? "missing"}, expected {expected ?? "none"}");
        }
    }

    // The lock keeps the layer in the store while it is read. It may have been removed before.
    private bool IsTarRight(StoredLayer layer, DiffId diffId)
    {
        using StoreLock held = StoreLock.TakeShared(Paths.LayersLock, store.Options.LockWait, run.CancellationToken);
        if (!FilePath.IsDirectory(Paths.Tree(layer.Id)))
        {
            if (StoreRecords.ReadLayers(Paths.LayersFile).Exists(one => one.Id == layer.Id))
            {
                run.Find(Paths.Tree(layer.Id), "is missing");
                return false;
            }

            run.LeaveUnread(Paths.Layer(layer.Id), "was removed meanwhile");
            return true;
        }

        try
        {
            using RecordedTar tar = new ContainersLayer(store, layer.Id, diffId).Rebuild(held);
            (DiffId found, long length) = Read(tar);
            if (found != diffId)
            {
                run.Find(Paths.Tree(layer.Id), $"and the recording give a tar with DiffID {found}, expected {diffId}");
                return false;
            }

            if (layer.TarLength is { } recorded && recorded != length)
            {
                run.Find(Paths.LayersFile, $"says that layer {layer.Id} has a tar of {recorded} bytes, and it has {length}");
                return false;
            }

            return true;
        }
        catch (MalformedDataException fault)
        {
            bool isOfTree = fault.Fault == Fault.TarSplitChecksum;
            run.Find(isOfTree ? Paths.Tree(layer.Id) : Paths.Recording(layer.Id), fault.Message, fault.Offset);
            return false;
        }
    }

    private (DiffId Found, long Length) Read(RecordedTar tar)
    {
        using var hasher = new Sha256Hasher();
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        for (int read = tar.Read(buffer); read > 0; read = tar.Read(buffer))
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            hasher.Append(buffer.AsSpan(0, read));
            run.CountBytes(read);
        }

        run.CountFiles(1);
        return (hasher.FinishDiffId(), tar.Offset);
    }
}
