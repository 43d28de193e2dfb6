using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Creates containers that dockerd can list, inspect and start.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainerCreator(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.CreateContainerAsync"/>
    public async Task<Container> CreateAsync(
        string imageName, ContainerOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageName);
        options ??= new ContainerOptions();
        using RootLock rootLock = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Image image = root.Find(imageName);
        string id = CacheId.Create();
        string name = options.Name ?? $"blobs_{DigestText.Shorten(id)}";
        root.Containers.CheckName(name);
        RunConfig config = ContainerConfig.Merge(options, image.Config.Config, imageName, id);
        string[] words = [.. config.Entrypoint ?? [], .. config.Cmd ?? []];
        var container = new Container
        {
            Id = id,
            Name = name,
            Created = GoTime.Of(DateTimeOffset.UtcNow),
            Path = words[0],
            Arguments = words[1..],
            Config = config,
            ImageId = image.Id,
            Driver = root.DriverName,
            State = new ContainerState(),
        };
        IReadOnlyList<Volume> volumes = ContainerConfig.VolumesOf(config, CacheId.Create);
        VolumeStore made = root.Containers.Volumes();
        try
        {
            root.Containers.Stage(container, options.Network, volumes);
            await root.Layers.CreateReadWriteAsync(id, image.Config.ChainId, withInit: true, cancellationToken).ConfigureAwait(false);
            await PrepareTreeAsync(container, volumes, made, cancellationToken).ConfigureAwait(false);
            root.Context.FlushAll();
            root.Containers.Publish(id);
            root.Context.FlushNames(root.Containers.Folder);
            return container;
        }
        catch
        {
            made.Undo();

            // The container may already be visible if only flushing its name failed.
            root.Containers.TryHide(id);
            root.Layers.DiscardReadWrite(id);
            root.Containers.DropHidden(id);
            throw;
        }
    }

    // Creates the working directory and the volumes. A container without the directory would still start, because the
    // runtime creates it too.
    private async Task PrepareTreeAsync(
        Container container, IReadOnlyList<Volume> volumes, VolumeStore made, CancellationToken cancellationToken)
    {
        string directory = (container.Config.WorkingDir ?? "").Trim('/');
        if (directory.Length + volumes.Count == 0)
        {
            return;
        }

        string tree = await root.Layers.MountAsync(container.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            using DirectoryHandle inside = DirectoryHandle.Open(tree);
            if (directory.Length > 0)
            {
                TreeDirectories.Ensure(inside, Encoding.UTF8.GetBytes(directory), root.Context.Owners);
            }

            foreach (Volume volume in volumes)
            {
                made.Make(volume, inside);
            }
        }
        finally
        {
            await root.Layers.UnmountAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
