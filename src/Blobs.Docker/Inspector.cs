using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Collects what a data root knows about an image or a container.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Inspector(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.Inspect(Image)"/>
    public ReadOnlyMemory<byte> OfImage(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageConfig config = image.Config;
        long size = config.ChainIds.Sum(id => root.Layers.TryGet(id)?.Size ?? 0);
        string? tree = config.ChainId is { } top ? root.Layers.TryGet(top)?.CacheId : null;
        return ImageInspection.Write(image, [.. root.Names.Read().Of(image.Id)], size, DriverAt(tree));
    }

    /// <inheritdoc cref="DockerRoot.Inspect(Container)"/>
    public ReadOnlyMemory<byte> OfContainer(Container container)
    {
        ArgumentNullException.ThrowIfNull(container);
        (byte[] config, byte[] hostConfig) = root.Containers.ReadFiles(container);
        try
        {
            DriverData driver = DriverAt(root.Layers.TryGetReadWrite(container.Id)?.MountId);
            return ContainerInspection.Write(container, config, hostConfig, driver, root.Containers.SourceOf);
        }
        catch (MalformedDataException error)
        {
            throw new StoreException(root.Path, $"{root.Path}: {error.Message}", error);
        }
    }

    private DriverData DriverAt(string? id) => new(root.DriverName, id is null ? null : root.Context.Driver.Describe(id));
}
