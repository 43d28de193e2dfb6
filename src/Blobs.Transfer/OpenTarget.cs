using System.Runtime.Versioning;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Opens places as targets of images.</summary>
[SupportedOSPlatform("linux")]
internal static class OpenTarget
{
    /// <summary>Refuses standard output where a target is not a stream.</summary>
    public static void RefuseStream(ImagePlace to)
    {
        if (to is { Path: OutputFile.StandardOutput, Transport: ImageTransport.Oci })
        {
            throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{to}: a layout is a directory; oci-archive:- writes to standard output");
        }
    }

    /// <summary>The directory of podman's store that a place names: its usual one when the place names none.</summary>
    public static string StoreRoot(ImagePlace place) => place.Path.Length > 0 ? place.Path : ContainersStore.DefaultRoot;

    /// <summary>Opens the target that a place names, fills it and commits it. When either fails, no partial image stays.</summary>
    public static async Task<T> WriteAsync<T>(
        ImagePlace to, CopyOptions options, Func<IImageTarget, Task<T>> write, CancellationToken cancellationToken)
    {
        IImageTarget target = await AtAsync(to, options, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            T written = await write(target).ConfigureAwait(false);
            await target.CommitAsync(cancellationToken).ConfigureAwait(false);
            return written;
        }
    }

    private static async Task<IImageTarget> AtAsync(
        ImagePlace to, CopyOptions options, CancellationToken cancellationToken)
    {
        var archive = new ArchiveOptions { Compression = options.Compression };
        return to.Transport switch
        {
            ImageTransport.DockerData => new DockerImageTarget(
                DockerRoot.Open(to.Path, RootOptions(options)), options.LayersAtOnce),
            ImageTransport.ContainersStorage => new ContainersImageTarget(
                ContainersStore.Open(StoreRoot(to), StoreOptions(options)), options.LayersAtOnce),
            ImageTransport.DockerArchive => await ArchiveFileTarget
                .OpenAsync(to.Path, stream => new DockerArchiveTarget(stream, archive), cancellationToken).ConfigureAwait(false),
            ImageTransport.Oci => OciLayoutTarget.ToFolder(to.Path, to.Name, archive),
            ImageTransport.OciArchive => await ArchiveFileTarget
                .OpenAsync(to.Path, stream => OciLayoutTarget.ToArchive(stream, to.Name, archive), cancellationToken)
                .ConfigureAwait(false),
            ImageTransport.Containerd => new ContainerdImageTarget(
                ContainerdStore.Open(to.Address, to.Path, ContainerdOptionsOf(options)), options.LayersAtOnce, ownsStore: true),
            ImageTransport.Erofs => new ErofsDirectoryTarget(to.Path, options),
            _ => RegistryAt(to, options),
        };
    }

    private static DockerRootOptions RootOptions(CopyOptions options) =>
        new()
        {
            Driver = options.Driver,
            Durability = options.Durability,
            LockWait = options.LockWait,
            Notices = options.Notices,
        };

    private static ContainersStoreOptions StoreOptions(CopyOptions options) =>
        new() { Durability = options.Durability, LockWait = options.LockWait, IsAdditional = options.IsAdditionalStore };

    private static ContainerdOptions ContainerdOptionsOf(CopyOptions options) =>
        options.Containerd with
        {
            SyncsTrees = options.Durability == Durability.Full,
            FlushesEarly = options.Durability != Durability.None,
            Limits = options.Limits,
        };

    private static RegistryImageTarget RegistryAt(ImagePlace to, CopyOptions options)
    {
        ImageReference name = ImageReference.Parse(to.Name!);
        if (name.Digest is not null)
        {
            throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{to}: an image gets its digest from its manifest; name a tag");
        }

        var push = new PushOptions
        {
            Format = options.Format,
            Compression = options.Compression,
            LayersAtOnce = options.LayersAtOnce,
        };
        return new RegistryImageTarget(options.ClientOfTarget, name, push);
    }

    /// <summary>The names that an image gets at a place. A data root and a Docker archive use full image names; a layout takes
    /// its ref.name from the place.</summary>
    public static IReadOnlyList<ImageReference> NamesAt(ImagePlace to, IReadOnlyList<ImageReference> names) =>
        to.Name is not null && to.Transport is ImageTransport.DockerData or ImageTransport.DockerArchive
                or ImageTransport.ContainersStorage or ImageTransport.Containerd
            ? [ImageReference.Parse(to.Name!).WithDefaultTag()]
            : [.. names.Where(name => name.Digest is null)];
}
