using System.Runtime.Versioning;
using Blobs.Docker;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Loads images from archives of <c>docker save</c>, OCI archives and OCI layouts into a Docker data root, or another place of
/// images. A seekable file is read in any order; a stream is unpacked as it arrives.
/// </summary>
[SupportedOSPlatform("linux")]
public static class ImageLoader
{
    /// <summary>Loads every image of an archive file or layout folder into a data root.</summary>
    /// <param name="path">A file, a named pipe, or a folder.</param>
    /// <param name="root">The data root to load into.</param>
    /// <param name="options">Which images to load; all for this machine when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <exception cref="MalformedDataException">It is not an image archive, or is damaged.</exception>
    /// <exception cref="DigestMismatchException">A layer does not have the digest that its image names.</exception>
    public static Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        DockerRoot root,
        LoadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(root);
        return LoadAsync(root, path, load => load.RunAsync(path, cancellationToken), options, progress, cancellationToken);
    }

    /// <summary>Loads every image of an archive into a data root.</summary>
    /// <param name="source">The archive; stays open.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="root">The data root to load into.</param>
    /// <param name="options">Which images to load; all for this machine when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <exception cref="MalformedDataException">It is not an image archive, or is damaged.</exception>
    /// <exception cref="DigestMismatchException">A layer does not have the digest that its image names.</exception>
    public static Task<IReadOnlyList<TakenImage>> LoadAsync(
        Stream source,
        string name,
        DockerRoot root,
        LoadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(root);
        return LoadAsync(root, name, load => load.RunAsync(source, name, cancellationToken), options, progress, cancellationToken);
    }

    /// <summary>Loads every image of an archive file or layout folder into a place: a store of podman, for
    /// example.</summary>
    /// <param name="path">A file, a named pipe, or a folder.</param>
    /// <param name="to">The place, without the name of an image.</param>
    /// <param name="options">Platform, client for foreign layers, and how to write; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <inheritdoc cref="LoadAsync(string, DockerRoot, LoadOptions?, IProgress{TransferProgress}?, CancellationToken)"/>
    public static Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        ImagePlace to,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(to);
        return LoadAsync(to, load => load.RunAsync(path, cancellationToken), options, progress, cancellationToken);
    }

    /// <summary>Loads every image of an archive into a place.</summary>
    /// <param name="source">The archive; stays open.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="to">The place, without the name of an image.</param>
    /// <param name="options">Platform, client for foreign layers, and how to write; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <inheritdoc cref="LoadAsync(string, DockerRoot, LoadOptions?, IProgress{TransferProgress}?, CancellationToken)"/>
    public static Task<IReadOnlyList<TakenImage>> LoadAsync(
        Stream source,
        string name,
        ImagePlace to,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(to);
        return LoadAsync(to, load => load.RunAsync(source, name, cancellationToken), options, progress, cancellationToken);
    }

    private static async Task<IReadOnlyList<TakenImage>> LoadAsync(
        DockerRoot root,
        string name,
        Func<ArchiveLoad, Task<LoadedArchive>> run,
        LoadOptions? options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var target = new DockerImageTarget(root);
        await using (target.ConfigureAwait(false))
        {
            var load = new ArchiveLoad(target, options ?? new LoadOptions(), root.Layers.Limits, root.Path, progress)
            {
                Check = images => _ = ParentLinks(name, images),
            };
            LoadedArchive loaded = await run(load).ConfigureAwait(false);
            if (ParentLinks(name, loaded.Images) is { Count: > 0 } links)
            {
                using DockerRootChange change = await root.BeginChangeAsync(cancellationToken).ConfigureAwait(false);
                links.ForEach(link => change.SetParent(link.Child, link.Parent));
            }

            return loaded.Taken;
        }
    }

    private static async Task<IReadOnlyList<TakenImage>> LoadAsync(
        ImagePlace to,
        Func<ArchiveLoad, Task<LoadedArchive>> run,
        CopyOptions? options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        options ??= new CopyOptions();
        var choice = new LoadOptions { Platform = options.Platform, Client = options.Client };
        LoadedArchive loaded = await OpenTarget.WriteAsync(
            to,
            options,
            target => run(new ArchiveLoad(target, choice, options.Limits, Path.GetTempPath(), progress)),
            cancellationToken).ConfigureAwait(false);
        return loaded.Taken;
    }

    // As in dockerd, a parent counts only if it is in the same archive, and its history must then be the beginning of
    // the child's.
    private static List<(Digest Child, Digest Parent)> ParentLinks(string name, IReadOnlyList<ArchivedImage> images)
    {
        var links = new List<(Digest Child, Digest Parent)>();
        foreach (ArchivedImage child in images.Where(image => image.Parent is not null && image.Parent != image.Config.Id))
        {
            if (images.FirstOrDefault(image => image.Config.Id == child.Parent) is not { } parent)
            {
                continue;
            }

            if (!IsNextStep(parent.Config.History, child.Config.History))
            {
                throw new MalformedDataException(
                    Fault.ImageArchive, 0, $"{name}: image {parent.Config.Id} is not a valid parent for {child.Config.Id}");
            }

            links.Add((child.Config.Id, parent.Config.Id));
        }

        return links;
    }

    private static bool IsNextStep(IReadOnlyList<HistoryEntry> parent, IReadOnlyList<HistoryEntry> child) =>
        (parent.Count == 0 && child.Count == 0) || (child.Count == parent.Count + 1 && child.Take(parent.Count).SequenceEqual(parent));
}
