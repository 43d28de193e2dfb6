using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Compression.Internal;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Images;

namespace Blobs.Transfer;

/// <summary>Gives every image of an archive or layout to a target.</summary>
/// <param name="target">The target, which stays open.</param>
/// <param name="options">Which images.</param>
/// <param name="limits">Limits on the archive.</param>
/// <param name="spoolFolder">Where a stream is kept for a target that cannot unpack layers before it knows their
/// image.</param>
/// <param name="progress">Receives the progress of every layer.</param>
[SupportedOSPlatform("linux")]
internal sealed class ArchiveLoad(
    IImageTarget target, LoadOptions options, Limits limits, string spoolFolder, IProgress<TransferProgress>? progress)
{
    private const int CopyBytes = 1 << 20;

    // 0710, as dockerd makes what stands directly in its root: a remapped root may pass through.
    private const UnixFileMode SpoolFolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    /// <summary>Called with the images before the first is taken; throws to refuse them.</summary>
    public Action<IReadOnlyList<ArchivedImage>>? Check { get; init; }

    /// <summary>Loads a file, a named pipe, or the folder of a layout.</summary>
    public async Task<LoadedArchive> RunAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            using ImageArchive layout =
                ImageArchive.Open(new FolderFiles(path), limits, platform: options.Platform).With(options.Client);
            return await TakeAsync(path, layout, cancellationToken).ConfigureAwait(false);
        }

        FileStream file = FileHandle.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            return await RunAsync(file, path, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Loads a stream, which stays open.</summary>
    public async Task<LoadedArchive> RunAsync(Stream source, string name, CancellationToken cancellationToken)
    {
        if (source is FileStream file && ImageArchive.IsRandomAccess(file))
        {
            return await LoadFileAsync(name, file, leaveOpen: true, cancellationToken).ConfigureAwait(false);
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
                return target.CanUnpackAhead
                    ? await LoadStreamAsync(name, tar, cancellationToken).ConfigureAwait(false)
                    : await LoadSpooledAsync(name, tar, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<LoadedArchive> LoadFileAsync(
        string name, FileStream file, bool leaveOpen, CancellationToken cancellationToken)
    {
        TarFiles files = await TarFiles.OpenAsync(name, file, leaveOpen, limits, cancellationToken).ConfigureAwait(false);
        using ImageArchive archive = ImageArchive.Open(files, limits, platform: options.Platform).With(options.Client);
        return await TakeAsync(name, archive, cancellationToken).ConfigureAwait(false);
    }

    private async Task<LoadedArchive> LoadStreamAsync(string name, Stream tar, CancellationToken cancellationToken)
    {
        using StreamedArchive archive =
            await StreamedArchive.ReadAsync(name, tar, target, limits, progress, cancellationToken).ConfigureAwait(false);
        var artifacts = new List<Artifact>();
        IReadOnlyList<ArchivedImage> images =
            ImageArchive.ReadImages(archive, limits, platform: options.Platform, artifacts: artifacts);
        foreach (ArchivedImage image in images)
        {
            image.Client = options.Client;
        }

        return await TakeAsync(
            name,
            images,
            artifacts,
            image =>
            {
                var streamed = new StreamedImage(archive, image);
                streamed.VerifyBlobs();
                return streamed;
            },
            cancellationToken).ConfigureAwait(false);
    }

    // Layers need their parents first, but a stream may have them in any order.
    private async Task<LoadedArchive> LoadSpooledAsync(string name, Stream tar, CancellationToken cancellationToken)
    {
        FileStream spool = SpoolFile.Create(spoolFolder, SpoolFolderMode);
        byte[] buffer = new byte[CopyBytes];
        long length = 0;
        try
        {
            while (await tar.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int read)
            {
                SpoolFile.Append(spool, buffer, read, spoolFolder);
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

        return await LoadFileAsync(name, spool, leaveOpen: false, cancellationToken).ConfigureAwait(false);
    }

    private Task<LoadedArchive> TakeAsync(string name, ImageArchive archive, CancellationToken cancellationToken) =>
        TakeAsync(name, archive.Archived, archive.Artifacts, image => image, cancellationToken);

    private async Task<LoadedArchive> TakeAsync(
        string name,
        IReadOnlyList<ArchivedImage> images,
        IReadOnlyCollection<Artifact> artifacts,
        Func<ArchivedImage, IImageSource> open,
        CancellationToken cancellationToken)
    {
        if (images.Count == 0)
        {
            throw new MalformedDataException(Fault.ImageArchive, 0, $"{name}: {ImageArchive.DescribeEmpty(artifacts)}");
        }

        Check?.Invoke(images);
        var taken = new List<TakenImage>();
        try
        {
            foreach (ArchivedImage image in images)
            {
                TakenImage one =
                    await target.TakeAsync(open(image), image.Names, progress, cancellationToken).ConfigureAwait(false);
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

        return new LoadedArchive(images, taken);
    }
}
