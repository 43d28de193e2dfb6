using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Reads images in place from an archive of <c>docker save</c>, an OCI archive, or the folder of an OCI layout. An
/// archive must be a seekable file and not compressed as a whole; <see cref="ImageLoader"/> can also load others, as a
/// stream.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ImageArchive : IDisposable
{
    private readonly IArchiveFiles _files;

    private readonly IReadOnlyList<Artifact> _artifacts;

    private ImageArchive(IArchiveFiles files, IReadOnlyList<ArchivedImage> images, IReadOnlyList<Artifact> artifacts)
    {
        _files = files;
        _artifacts = artifacts;
        Archived = images;
    }

    /// <summary>The manifests of a layout that are not images.</summary>
    internal IReadOnlyList<Artifact> Artifacts => _artifacts;

    /// <summary>The images, in the archive's order. They can be read until this is disposed.</summary>
    public IReadOnlyList<IImageSource> Images => Archived;

    internal IReadOnlyList<ArchivedImage> Archived { get; }

    /// <summary>Opens an archive or a layout, and detects which it is.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="limits">Limits on the archive.</param>
    /// <param name="platform">Which image of several under one name; the one for this machine when null.</param>
    /// <param name="cancellationToken">Ends the reading of its headers.</param>
    /// <exception cref="MalformedDataException">It is not an image archive, is damaged, or has a name only for other
    /// platforms.</exception>
    public static async Task<ImageArchive> OpenAsync(
        string path, Limits? limits = null, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        limits ??= Limits.Default;
        return Open(await OpenFilesAsync(path, limits, cancellationToken).ConfigureAwait(false), limits, platform: platform);
    }

    /// <summary>Allows foreign layers to be fetched from the URLs of their descriptors.</summary>
    internal ImageArchive With(RegistryClient? client)
    {
        foreach (ArchivedImage image in Archived)
        {
            image.Client = client;
        }

        return this;
    }

    /// <summary>Finds an image by its name.</summary>
    /// <param name="name">An image name or a layout's <c>ref.name</c>; null if there is only one image.</param>
    /// <exception cref="MalformedDataException">There is no such image, or the name is null and there are
    /// several.</exception>
    public IImageSource Find(string? name)
    {
        if (name is null)
        {
            ArchivedImage[] own = [.. Archived.Where(image => !image.IsIntermediate)];
            return own.Length == 1
                ? own[0]
                : throw _files.Refused(own.Length == 0 ? DescribeEmpty(_artifacts) : $"holds {own.Length} images; name one");
        }

        ImageReference? wanted = ImageReference.TryParse(name, out ImageReference? parsed) ? parsed.WithDefaultTag() : null;
        return Archived.FirstOrDefault(image => image.RefName == name)
            ?? Archived.FirstOrDefault(image => wanted is not null && image.Names.Contains(wanted))
            ?? throw _files.Refused($"holds no image {ArchiveDocuments.Shown(name)}");
    }

    /// <summary>Finds an artifact by its name; null when there is none, or an image has the name.</summary>
    /// <param name="name">A name or a layout's <c>ref.name</c>; null for the only artifact of a layout without
    /// images.</param>
    internal Artifact? FindArtifact(string? name)
    {
        if (name is null)
        {
            return Archived.Count == 0 && _artifacts.Count == 1 ? _artifacts[0] : null;
        }

        ImageReference? wanted = ImageReference.TryParse(name, out ImageReference? parsed) ? parsed.WithDefaultTag() : null;
        bool isImage = Archived.Any(image => image.RefName == name || (wanted is not null && image.Names.Contains(wanted)));
        return isImage
            ? null
            : _artifacts.FirstOrDefault(artifact => artifact.RefName == name)
                ?? _artifacts.FirstOrDefault(artifact => wanted is not null && artifact.Names.Contains(wanted));
    }

    /// <summary>The error text for an archive without images.</summary>
    internal static string DescribeEmpty(IReadOnlyCollection<Artifact> artifacts)
    {
        const int ShownMax = 5;
        string more = artifacts.Count > ShownMax ? $", and {artifacts.Count - ShownMax} more" : "";
        string shown = string.Join(", ", artifacts.Take(ShownMax).Select(artifact => Shown($"{artifact}")));
        return artifacts.Count == 0 ? "holds no image" : $"holds no image, only artifacts: {shown}{more}";
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static string Shown(string text) => ArchiveDocuments.Shown(text).Trim('\'');

    /// <summary>Reads the documents of an archive; takes ownership of its files, also on failure.</summary>
    internal static ImageArchive Open(
        IArchiveFiles files, Limits limits, bool isLayout = false, Platform? platform = null, string? name = null)
    {
        try
        {
            var artifacts = new List<Artifact>();
            IReadOnlyList<ArchivedImage> images = ReadImages(files, limits, isLayout, platform, name, artifacts);
            return new ImageArchive(files, images, artifacts);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Reads the images of an archive. Docker since 25.0 saves both forms in one archive; <c>isLayout</c> then
    /// selects the OCI layout.</summary>
    internal static IReadOnlyList<ArchivedImage> ReadImages(
        IArchiveFiles files,
        Limits limits,
        bool isLayout = false,
        Platform? platform = null,
        string? name = null,
        ICollection<Artifact>? artifacts = null) =>
        (isLayout ? null : For(platform, files, DockerArchive.TryRead(files, limits)))
            ?? OciLayout.TryRead(files, limits, platform, name, artifacts)
            ?? (isLayout ? null : For(platform, files, LegacyArchive.TryRead(files, limits)))
            ?? throw files.Refused(
                "is not an image archive: it has no manifest.json, index.json or repositories; "
                    + "use ingest for a single layer");

    /// <summary>Whether a file is seekable and not compressed; leaves it at its beginning.</summary>
    internal static bool IsRandomAccess(FileStream file)
    {
        // Standard input may be a file that another process has read from.
        if (!file.CanSeek || file.Position != 0)
        {
            return false;
        }

        byte[] prefix = new byte[CompressionDetector.PrefixBytes];
        int read = file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return CompressionDetector.Detect(prefix.AsSpan(0, read)) == CompressionKind.None;
    }

    // In archives of docker save only the configs state the platform.
    private static IReadOnlyList<ArchivedImage>? For(
        Platform? platform, IArchiveFiles files, IReadOnlyList<ArchivedImage>? images)
    {
        if (platform is null || images is null)
        {
            return images;
        }

        IEnumerable<string> offered = images.Select(image => $"{image.Config.Platform}").Distinct();
        ArchivedImage[] suited = [.. images.Where(image => platform.AcceptsConfig(image.Config.Platform))];
        return suited.Length > 0 || images.Count == 0
            ? suited
            : throw files.Refused($"there is no image for {platform}, only for {string.Join(", ", offered)}");
    }

    /// <summary>The files of an archive or a folder.</summary>
    internal static async Task<IArchiveFiles> OpenFilesAsync(string path, Limits limits, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            return new FolderFiles(path);
        }

        FileStream file = FileHandle.OpenRead(path);
        if (IsRandomAccess(file))
        {
            return await TarFiles.OpenAsync(path, file, leaveOpen: false, limits, cancellationToken).ConfigureAwait(false);
        }

        await file.DisposeAsync().ConfigureAwait(false);
        throw new MalformedDataException(
            Fault.ImageArchive, 0, $"{path}: is compressed or a pipe, so it cannot be read in any order; load it, or decompress it first");
    }
}
