using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Compression.Internal;
using Blobs.Docker;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Loads images into a Docker data root: from archives of <c>docker save</c>, OCI archives and OCI layouts. A seekable
/// file is read in any order; a stream is unpacked as it arrives.
/// </summary>
[SupportedOSPlatform("linux")]
public static class ImageLoader
{
    private const int CopyBytes = 1 << 20;

    // 0710, as dockerd makes what stands directly in its root: a remapped root may pass through.
    private const UnixFileMode SpoolFolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    /// <summary>Loads every image of an archive file or layout folder.</summary>
    /// <param name="path">A file, a named pipe, or a folder.</param>
    /// <param name="root">The data root to load into.</param>
    /// <param name="options">Which images to load; all for this machine when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <exception cref="MalformedDataException">It is not an image archive, or is damaged.</exception>
    /// <exception cref="DigestMismatchException">A layer does not have the digest that its image names.</exception>
    public static async Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        DockerRoot root,
        LoadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(root);
        options ??= new LoadOptions();
        if (Directory.Exists(path))
        {
            using ImageArchive layout =
                ImageArchive.Open(new FolderFiles(path), root.Layers.Limits, platform: options.Platform).With(options.Client);
            return await TakeAsync(
                root, path, layout.Archived, layout.Artifacts, TakeArchived(root, progress, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        FileStream file = FileHandle.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            return await LoadAsync(file, path, root, options, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Loads every image of an archive.</summary>
    /// <param name="source">The archive; stays open.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="root">The data root to load into.</param>
    /// <param name="options">Which images to load; all for this machine when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; images that are complete by then stay.</param>
    /// <exception cref="MalformedDataException">It is not an image archive, or is damaged.</exception>
    /// <exception cref="DigestMismatchException">A layer does not have the digest that its image names.</exception>
    public static async Task<IReadOnlyList<TakenImage>> LoadAsync(
        Stream source,
        string name,
        DockerRoot root,
        LoadOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(root);
        options ??= new LoadOptions();
        Limits limits = root.Layers.Limits;
        if (source is FileStream file && ImageArchive.IsRandomAccess(file))
        {
            return await LoadFileAsync(root, name, file, leaveOpen: true, options, progress, cancellationToken).ConfigureAwait(false);
        }

        PipeCapacity.TryEnlarge(source);
        var peeked = new PeekedStream(source, leaveOpen: true);
        await using (peeked.ConfigureAwait(false))
        {
            ReadOnlyMemory<byte> prefix =
                await peeked.PeekAsync(CompressionDetector.PrefixBytes, cancellationToken).ConfigureAwait(false);
            CompressionKind kind = CompressionDetector.Detect(prefix.Span);
            Stream tar = kind == CompressionKind.None ? peeked : DecodingStream.Open(peeked, kind, limits);
            await using (tar.ConfigureAwait(false))
            {
                var target = new DockerImageTarget(root);
                return target.CanUnpackAhead
                    ? await LoadStreamAsync(root, target, name, tar, options, progress, cancellationToken).ConfigureAwait(false)
                    : await LoadSpooledAsync(root, name, tar, options, progress, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<IReadOnlyList<TakenImage>> LoadFileAsync(
        DockerRoot root,
        string name,
        FileStream file,
        bool leaveOpen,
        LoadOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        Limits limits = root.Layers.Limits;
        TarFiles files = await TarFiles.OpenAsync(name, file, leaveOpen, limits, cancellationToken).ConfigureAwait(false);
        using ImageArchive archive = ImageArchive.Open(files, limits, platform: options.Platform).With(options.Client);
        return await TakeAsync(
            root, name, archive.Archived, archive.Artifacts, TakeArchived(root, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<TakenImage>> LoadStreamAsync(
        DockerRoot root,
        DockerImageTarget target,
        string name,
        Stream tar,
        LoadOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        using StreamedArchive archive =
            await StreamedArchive.ReadAsync(name, tar, root, target, progress, cancellationToken).ConfigureAwait(false);
        var artifacts = new List<Artifact>();
        IReadOnlyList<ArchivedImage> images = ImageArchive.ReadImages(
            archive, root.Layers.Limits, platform: options.Platform, artifacts: artifacts);
        foreach (ArchivedImage image in images)
        {
            image.Client = options.Client;
        }

        return await TakeAsync(
            root,
            name,
            images,
            artifacts,
            image =>
            {
                var streamed = new StreamedImage(archive, image);
                return target.TakeUnpackedAsync(
                    streamed, index => streamed.Layers[index].Take(), image.Names, progress, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static Func<ArchivedImage, Task<TakenImage>> TakeArchived(
        DockerRoot root, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var target = new DockerImageTarget(root);
        return image => target.TakeAsync(image, image.Names, progress, cancellationToken);
    }

    // The driver needs each layer's parent first, but a stream may have the layers in any order.
    private static async Task<IReadOnlyList<TakenImage>> LoadSpooledAsync(
        DockerRoot root,
        string name,
        Stream tar,
        LoadOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        FileStream spool = SpoolFile.Create(root.Path, SpoolFolderMode);
        byte[] buffer = new byte[CopyBytes];
        long length = 0;
        try
        {
            while (await tar.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int read)
            {
                SpoolFile.Append(spool, buffer, read, root.Path);
                length += read;
                progress?.Report(new TransferProgress(name, TransferStep.Spooling, length, null));
            }

            spool.Position = 0;
        }
        catch
        {
            await spool.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return await LoadFileAsync(root, name, spool, leaveOpen: false, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<TakenImage>> TakeAsync(
        DockerRoot root,
        string name,
        IReadOnlyList<ArchivedImage> images,
        IReadOnlyCollection<Artifact> artifacts,
        Func<ArchivedImage, Task<TakenImage>> take,
        CancellationToken cancellationToken)
    {
        if (images.Count == 0)
        {
            throw new MalformedDataException(Fault.ImageArchive, 0, $"{name}: {ImageArchive.DescribeEmpty(artifacts)}");
        }

        List<(Digest Child, Digest Parent)> links = [.. ParentLinks(name, images)];
        var taken = new List<TakenImage>();
        try
        {
            foreach (ArchivedImage image in images)
            {
                TakenImage one = await take(image).ConfigureAwait(false);
                if (!image.IsIntermediate)
                {
                    taken.Add(one);
                }
            }
        }
        catch (SystemCallException fault)
        {
            throw ErrorContext.Add(name, fault);
        }

        if (links.Count > 0)
        {
            using DockerRootChange change = await root.BeginChangeAsync(cancellationToken).ConfigureAwait(false);
            links.ForEach(link => change.SetParent(link.Child, link.Parent));
        }

        return taken;
    }

    // As in dockerd, a parent counts only if it is in the same archive, and its history must then be the beginning of
    // the child's.
    private static IEnumerable<(Digest Child, Digest Parent)> ParentLinks(
        string name, IReadOnlyList<ArchivedImage> images)
    {
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

            yield return (child.Config.Id, parent.Config.Id);
        }
    }

    private static bool IsNextStep(IReadOnlyList<HistoryEntry> parent, IReadOnlyList<HistoryEntry> child) =>
        (parent.Count == 0 && child.Count == 0) || (child.Count == parent.Count + 1 && child.Take(parent.Count).SequenceEqual(parent));
}
