using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// Verifies everything in a Docker data root that something else in it determines: names → images → layers → trees,
/// digest by digest, and kept blobs. Everything else is read as far as possible, and listed.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RootVerifier
{
    private const int SourcesMax = 50;

    private static readonly string[] LayerFiles = ["diff", "size", "cache-id", "parent", "tar-split.json.gz"];

    private readonly string _root;
    private readonly VerifyRun _run;

    private RootVerifier(string root, VerifyOptions options, CancellationToken cancellationToken)
    {
        _root = root;
        _run = new VerifyRun(root, options, cancellationToken);
    }

    /// <summary>Verifies a data root, which must not change meanwhile.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Ends it; what was found right so far stays in the state file.</param>
    /// <exception cref="ContainerdRootException">Containerd keeps the root's images.</exception>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">The state file is of another one.</exception>
    public static Task<VerifyReport> RunAsync(string root, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        RemappedRoots.ThrowIfAbove(path);
        DataRoot.Require(path, StorageDrivers.All);
        return Task.Run(() => new RootVerifier(path, options ?? new VerifyOptions(), cancellationToken).Run(), CancellationToken.None);
    }

    private VerifyReport Run()
    {
        foreach (string driver in StorageDrivers.All)
        {
            string folder = new RootPaths(_root, driver).Image;
            _run.Try(folder, () =>
            {
                if (FilePath.IsDirectory(folder))
                {
                    VerifyDriver(driver);
                }
            });
        }

        VerifyContainerFiles();
        BlobVerifier.Add(_run, _root);
        _run.Try(_root, LeaveTheRest);
        _run.DoWork();
        return _run.End();
    }

    private void VerifyDriver(string driver)
    {
        LayerStore store = LayerStore.Open(_root, new DockerRootOptions { Driver = driver, Limits = _run.Limits });
        RootPaths images = store.Context.Paths;
        VerifyLayers(store);
        _run.Try(images.BlobSources, () => VerifyDistribution(images));

        // The images must be known before anything is reported as belonging to none.
        if (_run.TryListFiles(images.Contents) is { } configs)
        {
            HashSet<string> ids = VerifyImages(store, images, configs);
            _run.Try(images.Names, () => VerifyNames(images, ids));
            VerifyContainers(store, ids);
        }
    }

    private void VerifyLayers(LayerStore store)
    {
        var cacheIds = new HashSet<string>();
        foreach (string folder in Folders(store.Context.Paths.Layers))
        {
            if (!ChainId.TryParse(DigestText.Sha256Prefix + Path.GetFileName(folder), null, out ChainId id))
            {
                _run.LeaveUnread(folder, "is not a layer");
                continue;
            }

            _run.Try(folder, () => VerifyLayer(store, folder, id, cacheIds));
        }

        _run.Try(store.Context.Driver.Home, () =>
        {
            foreach (string id in store.Context.Driver.Ids().Where(id => !cacheIds.Contains(id)))
            {
                _run.LeaveUnread(store.Context.Driver.PathOf(id), "is a read-write layer, which has no recording, or is unused");
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
        foreach (string file in Files(folder).Where(file => !LayerFiles.Contains(Path.GetFileName(file))))
        {
            _run.LeaveUnread(file, "is not a file of a layer");
        }

        var recording = new FileInfo(RootPaths.TarSplitFile(folder));
        long stamp = recording.Exists ? recording.LastWriteTimeUtc.Ticks : 0;
        string name = $"layer {store.DriverName} {id} {layer.CacheId} {stamp}";
        var verifier = new LayerVerifier(_run, store, layer);
        _run.Later(name, folder, (layer.Size, verifier.IsTarRight), (layer.Size / 2, verifier.IsTreeRight));
        if (store.DriverName == StorageDrivers.Overlay2)
        {
            new Overlay2Checker(_run, store).Check(layer);
        }
    }

    // Exactly as dockerd writes them: files that are read leniently elsewhere are checked here to the byte.
    private bool AreLinesWhole(string folder) =>
        IsLine(RootPaths.DiffIdFile(folder), text => DiffId.TryParse(text, null, out _), "is no DiffID")
        & IsLine(RootPaths.CacheIdFile(folder), CacheId.IsOne, "is not a name that Docker or BuildKit gives a layer's directory")
        & IsLine(RootPaths.SizeFile(folder), text => ulong.TryParse(text, out _), "is not a number")
        & IsLineIfThere(RootPaths.ParentFile(folder), text => ChainId.TryParse(text, null, out _), "is no ChainID");

    private bool IsLineIfThere(string path, Func<string, bool> isRight, string problem) =>
        !FilePath.IsFile(path) || IsLine(path, isRight, problem);

    private bool IsLine(string path, Func<string, bool> isRight, string problem)
    {
        if (_run.ReadLine(path) is not { } line)
        {
            return false;
        }

        bool isWhole = isRight(line);
        if (!isWhole)
        {
            _run.Find(path, $"{Printable.Quote(System.Text.Encoding.ASCII.GetBytes(line))} {problem}");
        }

        return isWhole;
    }

    private HashSet<string> VerifyImages(LayerStore store, RootPaths paths, string[] configs)
    {
        var ids = new HashSet<string>();
        foreach (string file in Whole(configs))
        {
            ids.Add(Path.GetFileName(file));
            if (_run.Read(file, _run.Limits.ConfigBytes) is { } bytes)
            {
                VerifyConfig(store, file, bytes);
            }
        }

        foreach (string folder in Folders(paths.AllMetadata))
        {
            _run.Try(folder, () => VerifyMetadata(folder, ids));
        }

        return ids;
    }

    private void VerifyMetadata(string folder, HashSet<string> ids)
    {
        if (!ids.Contains(Path.GetFileName(folder)))
        {
            _run.Find(folder, "is of an image that does not exist");
        }

        bool IsImage(string text) => Digest.TryParse(text, null, out Digest id) && ids.Contains(id.Hex);
        IsLineIfThere(RootPaths.ParentFile(folder), IsImage, "is not an existing image");
        string updated = RootPaths.LastUpdatedFile(folder);
        if (FilePath.IsFile(updated))
        {
            IsLine(updated, text => GoTime.TryParse(text, out _), "is not a time");
            _run.LeaveUnread(updated, "is a time, which nothing else determines");
        }
    }

    private void VerifyConfig(LayerStore store, string file, byte[] bytes)
    {
        Digest found = Digest.OfSha256(bytes);
        if (found.Hex != Path.GetFileName(file))
        {
            _run.Find(file, $"hashes to {found.Hex}");
            return;
        }

        try
        {
            RootPaths paths = store.Context.Paths;
            foreach (ChainId id in ImageConfig.Parse(bytes, _run.Limits).ChainIds.Where(id => !FilePath.IsDirectory(paths.Layer(id))))
            {
                _run.Find(file, $"needs layer {id}, which does not exist");
            }
        }
        catch (BlobsException fault)
        {
            _run.Note(file, fault);
        }
    }

    private void VerifyNames(RootPaths paths, HashSet<string> ids)
    {
        if (!FilePath.IsFile(paths.Names) || _run.Read(paths.Names, _run.Limits.ConfigBytes) is not { } json)
        {
            return;
        }

        try
        {
            using GoDocument document = GoDocument.ParseFirst(json, "repositories.json", Fault.RootDocument);
            foreach ((string repository, IReadOnlyDictionary<string, string> names) in NameTable.Repositories(document.Root))
            {
                foreach ((string name, string image) in names)
                {
                    VerifyName(paths.Names, repository, name, image, ids);
                }
            }
        }
        catch (MalformedDataException fault)
        {
            _run.Find(paths.Names, $"is not as dockerd writes it: {fault.Message}");
        }

        _run.LeaveUnread(paths.Names, "was compared with the images; nothing else determines which tags they have");
    }

    private void VerifyName(string file, string repository, string name, string image, HashSet<string> ids)
    {
        bool isName = ImageReference.TryParse(name, out ImageReference? reference) && reference.FamiliarName == repository;
        if (!isName || (reference!.Tag is null && reference.Digest is null))
        {
            _run.Find(file, $"has '{name}' below '{repository}'");
        }

        if (!Digest.TryParse(image, null, out Digest id) || !ids.Contains(id.Hex))
        {
            _run.Find(file, $"'{name}' means {(image.Length > 0 ? image : "nothing")}, which is not an existing image");
        }
    }

    // The two directories must agree. A blob's layer is written first, and stays when its last source is removed.
    private void VerifyDistribution(RootPaths paths)
    {
        var store = new DistributionStore(paths);
        var sources = new Dictionary<DiffId, IReadOnlyList<BlobSource>>();
        foreach (string file in Files(paths.BlobSources))
        {
            if (_run.Read(file, _run.Limits.ConfigBytes) is not null
                && DiffId.TryParse(DigestText.Sha256Prefix + Path.GetFileName(file), null, out DiffId diffId))
            {
                _run.Try(file, () => VerifySources(store, file, diffId, sources[diffId] = store.SourcesOf(diffId)));
            }
        }

        HashSet<Digest> noted = [.. sources.Values.SelectMany(list => list.Select(source => source.Digest))];
        foreach (string file in Folders(paths.DiffIds).SelectMany(Files))
        {
            VerifyDiffId(file, sources, noted);
        }
    }

    private void VerifySources(DistributionStore store, string file, DiffId diffId, IReadOnlyList<BlobSource> sources)
    {
        if (sources.Count == 0)
        {
            _run.Find(file, "is not as dockerd writes it");
        }

        foreach (BlobSource source in sources.Where(source => store.DiffIdOf(source.Digest) != diffId))
        {
            _run.Find(file, $"says that {source.Digest} holds the layer, but diffid-by-digest does not");
        }

        _run.LeaveUnread(file, "was compared with diffid-by-digest; repositories and HMACs cannot be verified");
    }

    private void VerifyDiffId(string file, Dictionary<DiffId, IReadOnlyList<BlobSource>> sources, HashSet<Digest> noted)
    {
        string digest = $"{Path.GetFileName(Path.GetDirectoryName(file))}:{Path.GetFileName(file)}";
        if (_run.ReadLine(file) is not { } line)
        {
            return;
        }

        if (!DiffId.TryParse(line, null, out DiffId diffId) || !Digest.TryParse(digest, null, out Digest blob))
        {
            _run.Find(file, $"says that {digest} holds {line}");
            return;
        }

        IReadOnlyList<BlobSource> known = sources.GetValueOrDefault(diffId, []);
        if (known.Count >= SourcesMax || known.Any(source => source.Digest == blob))
        {
            return;
        }

        if (noted.Contains(blob))
        {
            _run.Find(file, $"says that {digest} holds {line}, but v2metadata-by-diffid says that it holds another layer");
        }
        else
        {
            _run.LeaveUnread(file, "no repository is recorded for that blob");
        }
    }

    private void VerifyContainers(LayerStore store, HashSet<string> ids)
    {
        var containers = new ContainerStore(store.Context);
        _run.Try(store.Context.Paths.Mounts, () =>
        {
            HashSet<string> unfinished = [.. containers.HiddenIds()];
            foreach (string folder in Folders(store.Context.Paths.Mounts))
            {
                if (unfinished.Contains(Path.GetFileName(folder)))
                {
                    _run.LeaveUnread(folder, "is of a container whose creation or removal was interrupted");
                    continue;
                }

                _run.Try(folder, () => VerifyMount(store, folder));
            }
        });

        RootPaths paths = store.Context.Paths;
        _run.Try(paths.Containers, () =>
        {
            foreach (Container container in containers.Containers())
            {
                string config = RootPaths.ConfigFile(paths.Container(container.Id));
                if (!ids.Contains(container.ImageId.Hex))
                {
                    _run.Find(config, $"is of image {container.ImageId}, which is not there");
                }

                if (!FilePath.IsDirectory(store.Context.Paths.Mount(container.Id)))
                {
                    _run.Find(config, "has no read-write layer");
                }
            }
        });
    }

    private void VerifyMount(LayerStore store, string folder)
    {
        bool IsTree(string id) => RootPaths.IsName(id) && FilePath.IsDirectory(store.Context.Driver.TreeOf(id));
        bool IsLayer(string text) => ChainId.TryParse(text, null, out ChainId id) && FilePath.IsDirectory(store.Context.Paths.Layer(id));
        IsLine(RootPaths.MountIdFile(folder), IsTree, "is not an existing directory");
        IsLineIfThere(RootPaths.InitIdFile(folder), IsTree, "is not an existing directory");
        IsLineIfThere(RootPaths.ParentFile(folder), IsLayer, "is not an existing layer");
    }

    // Files that do not parse, so that the container's driver is unknown.
    private void VerifyContainerFiles()
    {
        foreach (string folder in Folders(RootPaths.ContainersOf(_root)))
        {
            _run.Try(folder, () => VerifyFilesOf(folder));
            _run.LeaveUnread(folder, "its image and its layer were verified; nothing else determines its own files");
        }
    }

    private void VerifyFilesOf(string folder)
    {
        string config = RootPaths.ConfigFile(folder);
        VerifyContainerFile(config, json =>
        {
            string? id = ContainerJson.Read(json, "config.v2.json").Id;
            if (id != Path.GetFileName(folder))
            {
                _run.Find(config, $"is of container {id}");
            }
        });
        string hostConfig = RootPaths.HostConfigFile(folder);
        if (FilePath.IsFile(hostConfig))
        {
            VerifyContainerFile(hostConfig, json => ContainerJson.CheckHostConfig(json, "hostconfig.json"));
        }
    }

    private void VerifyContainerFile(string file, Action<byte[]> check)
    {
        if (_run.Read(file, _run.Limits.ConfigBytes) is not { } json)
        {
            return;
        }

        try
        {
            check(json);
        }
        catch (MalformedDataException fault)
        {
            _run.Find(file, $"is not as dockerd writes it, so dockerd ignores the container: {fault.Message}");
        }
    }

    private void LeaveTheRest()
    {
        string[] known = [RootPaths.ImagesName, "docker", RootPaths.ContainersName, .. StorageDrivers.All];
        foreach (string path in DirectoryList.Entries(_root).Where(path => !known.Contains(Path.GetFileName(path))))
        {
            _run.LeaveUnread(path, "is not of images or layers");
        }
    }

    private string[] Folders(string path) => _run.TryListDirectories(path) ?? [];

    private IEnumerable<string> Files(string path) => Whole(_run.TryListFiles(path) ?? []);

    private IEnumerable<string> Whole(string[] files)
    {
        foreach (string file in files)
        {
            if (TemporaryNames.IsHidden(file))
            {
                _run.LeaveUnread(file, "is a temporary file of a dead process");
            }
            else
            {
                yield return file;
            }
        }
    }
}
