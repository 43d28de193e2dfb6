using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Images in an archive of <c>docker save</c>, in an OCI archive, or in the folder of an OCI layout, read where they lie. An archive
/// must be a file that can be sought in and is not compressed as a whole; others can be loaded as they go by, see
/// <see cref="ImageLoader"/>.
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

    /// <summary>What a layout has that is no image.</summary>
    internal IReadOnlyList<Artifact> Artifacts => _artifacts;

    /// <summary>The images, in the archive's order. They can be read until this is disposed.</summary>
    public IReadOnlyList<IImageSource> Images => Archived;

    internal IReadOnlyList<ArchivedImage> Archived { get; }

    /// <summary>Opens an archive or a layout, and finds out which.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="limits">What it may demand.</param>
    /// <param name="platform">Which image of several under one name; this machine's when null.</param>
    /// <param name="cancellationToken">Ends the reading of its headers.</param>
    /// <exception cref="MalformedDataException">It is no such archive, a damaged one, or has a name for other platforms only.</exception>
    public static async Task<ImageArchive> OpenAsync(
        string path, Limits? limits = null, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        limits ??= Limits.Default;
        return Open(await OpenFilesAsync(path, limits, cancellationToken).ConfigureAwait(false), limits, platform: platform);
    }

    /// <summary>Lets layers that are not in the archive be fetched from the addresses of their descriptors.</summary>
    internal ImageArchive With(RegistryClient? client)
    {
        foreach (ArchivedImage image in Archived)
        {
            image.Client = client;
        }

        return this;
    }

    /// <summary>The image that an archive calls so.</summary>
    /// <param name="name">An image's name, or what a layout calls it; with null there must be only one image.</param>
    /// <exception cref="MalformedDataException">There is none, or with null there are several.</exception>
    public IImageSource Find(string? name)
    {
        if (name is null)
        {
            ArchivedImage[] own = [.. Archived.Where(image => !image.IsIntermediate)];
            return own.Length == 1
                ? own[0]
                : throw _files.Refused(own.Length == 0 ? Nothing(_artifacts) : $"holds {own.Length} images: say which");
        }

        ImageReference? wanted = ImageReference.TryParse(name, out ImageReference? parsed) ? parsed.WithDefaultTag() : null;
        return Archived.FirstOrDefault(image => image.RefName == name)
            ?? Archived.FirstOrDefault(image => wanted is not null && image.Names.Contains(wanted))
            ?? throw _files.Refused($"holds no image {ArchiveDocuments.Shown(name)}");
    }

    /// <summary>The artifact that a layout calls so; null when there is none, or an image is called so.</summary>
    /// <param name="name">A name, or what a layout calls it; null for the only one where there is no image.</param>
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

    /// <summary>What to say of an archive without images.</summary>
    internal static string Nothing(IReadOnlyCollection<Artifact> artifacts)
    {
        const int ShownMax = 5;
        string more = artifacts.Count > ShownMax ? $", and {artifacts.Count - ShownMax} more" : "";
        string shown = string.Join(", ", artifacts.Take(ShownMax).Select(artifact => Shown($"{artifact}")));
        return artifacts.Count == 0 ? "holds no image" : $"holds no image, only artifacts: {shown}{more}";
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static string Shown(string text) => ArchiveDocuments.Shown(text).Trim('\'');

    /// <summary>Reads the documents of an archive; takes its files over, also when this fails.</summary>
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

    /// <summary>The images of an archive. Engines since 25.0 save both forms in one: a layout is then asked for by name.</summary>
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
                "is no archive of images: it has neither manifest.json nor index.json, nor repositories of old; "
                    + "a layer by itself can be ingested");

    /// <summary>Whether a stream is a tar that can be read in any order; leaves it at its beginning.</summary>
    internal static bool IsRandomAccess(FileStream file)
    {
        // Standard input may be a file that somebody else has read from.
        if (!file.CanSeek || file.Position != 0)
        {
            return false;
        }

        byte[] prefix = new byte[CompressionDetector.PrefixBytes];
        int read = file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return CompressionDetector.Detect(prefix.AsSpan(0, read)) == CompressionKind.None;
    }

    // What docker saves says nothing of platforms but in the configs.
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
            Fault.ImageArchive, 0, $"{path}: is compressed or a pipe, so nothing in it can be found; load it, or unpack it first");
    }
}
