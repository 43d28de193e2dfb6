using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Verifies containers and their read-write layers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainerVerifier(VerifyRun run)
{
    private readonly RootFiles _files = new(run);

    /// <summary>Verifies the containers of one storage driver, and their read-write layers.</summary>
    /// <param name="store">The layers of the driver.</param>
    /// <param name="ids">The ids of its images, as hex digits.</param>
    public void Verify(LayerStore store, HashSet<string> ids)
    {
        var containers = new ContainerStore(store.Context);
        run.Try(store.Context.Paths.Mounts, () =>
        {
            HashSet<string> unfinished = [.. containers.HiddenIds()];
            foreach (string folder in _files.Folders(store.Context.Paths.Mounts))
            {
                if (unfinished.Contains(Path.GetFileName(folder)))
                {
                    run.LeaveUnread(folder, "is of a container whose creation or removal was interrupted");
                    continue;
                }

                run.Try(folder, () => VerifyMount(store, folder));
            }
        });

        RootPaths paths = store.Context.Paths;
        run.Try(paths.Containers, () =>
        {
            foreach (Container container in containers.Containers())
            {
                string config = RootPaths.ConfigFile(paths.Container(container.Id));
                if (!ids.Contains(container.ImageId.Hex))
                {
                    run.Find(config, $"is of image {container.ImageId}, which is not there");
                }

                if (!FilePath.IsDirectory(store.Context.Paths.Mount(container.Id)))
                {
                    run.Find(config, "has no read-write layer");
                }
            }
        });
    }

    private void VerifyMount(LayerStore store, string folder)
    {
        bool IsTree(string id) => RootPaths.IsName(id) && FilePath.IsDirectory(store.Context.Driver.TreeOf(id));
        bool IsLayer(string text) => ChainId.TryParse(text, null, out ChainId id) && FilePath.IsDirectory(store.Context.Paths.Layer(id));
        _files.IsLine(RootPaths.MountIdFile(folder), IsTree, "is not an existing directory");
        _files.IsLineIfThere(RootPaths.InitIdFile(folder), IsTree, "is not an existing directory");
        _files.IsLineIfThere(RootPaths.ParentFile(folder), IsLayer, "is not an existing layer");
    }

    /// <summary>Verifies the files of all containers; if they do not parse, the container's driver is unknown.</summary>
    public void VerifyFiles(string root)
    {
        foreach (string folder in _files.Folders(RootPaths.ContainersOf(root)))
        {
            run.Try(folder, () => VerifyFilesOf(folder));
            run.LeaveUnread(folder, "its image and its layer were verified; nothing else determines its own files");
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
                run.Find(config, $"is of container {id}");
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
        if (run.Read(file, run.Limits.ConfigBytes) is not { } json)
        {
            return;
        }

        try
        {
            check(json);
        }
        catch (MalformedDataException fault)
        {
            run.Find(file, $"is not as dockerd writes it, so dockerd ignores the container: {fault.Message}");
        }
    }
}
