using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Verifies the layers of one storage driver: the files of layerdb here, and later tar and tree of each.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerDatabaseVerifier(VerifyRun run)
{
    private static readonly string[] LayerFiles = ["diff", "size", "cache-id", "parent", "tar-split.json.gz"];

    private readonly RootFiles _files = new(run);

    public void Verify(LayerStore store)
    {
        var cacheIds = new HashSet<string>();
        foreach (string folder in _files.Folders(store.Context.Paths.Layers))
        {
            if (!ChainId.TryParse(DigestText.Sha256Prefix + Path.GetFileName(folder), null, out ChainId id))
            {
                run.LeaveUnread(folder, "is not a layer");
                continue;
            }

            run.Try(folder, () => VerifyLayer(store, folder, id, cacheIds));
        }

        run.Try(store.Context.Driver.Home, () =>
        {
            foreach (string id in store.Context.Driver.Ids().Where(id => !cacheIds.Contains(id)))
            {
                run.LeaveUnread(store.Context.Driver.PathOf(id), "is a read-write layer, which has no recording, or is unused");
            }
        });
    }

    private void VerifyLayer(LayerStore store, string folder, ChainId id, HashSet<string> cacheIds)
    {
        if (!AreLinesWhole(folder) || store.TryGet(id) is not { } layer)
        {
            return;
        }

        cacheIds.Add(layer.CacheId);
        foreach (string file in _files.Files(folder).Where(file => !LayerFiles.Contains(Path.GetFileName(file))))
        {
            run.LeaveUnread(file, "is not a file of a layer");
        }

        var recording = new FileInfo(RootPaths.TarSplitFile(folder));
        long stamp = recording.Exists ? recording.LastWriteTimeUtc.Ticks : 0;
        string name = $"layer {store.DriverName} {id} {layer.CacheId} {stamp}";
        var verifier = new LayerVerifier(run, store, layer);
        run.Later(name, folder, (layer.Size, verifier.IsTarRight), (layer.Size / 2, verifier.IsTreeRight));
        if (store.DriverName == StorageDrivers.Overlay2)
        {
            new Overlay2Checker(run, store).Check(layer);
        }
    }

    // Exactly as dockerd writes them: files that are read leniently elsewhere are checked here to the byte.
    private bool AreLinesWhole(string folder) =>
        _files.IsLine(RootPaths.DiffIdFile(folder), text => DiffId.TryParse(text, null, out _), "is not a DiffID")
        & _files.IsLine(RootPaths.CacheIdFile(folder), CacheId.IsOne, "is not a name that Docker or BuildKit gives a layer's directory")
        & _files.IsLine(RootPaths.SizeFile(folder), text => ulong.TryParse(text, out _), "is not a number")
        & _files.IsLineIfThere(RootPaths.ParentFile(folder), text => ChainId.TryParse(text, null, out _), "is not a ChainID");
}
