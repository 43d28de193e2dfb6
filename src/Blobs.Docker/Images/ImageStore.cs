using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker.Images;

/// <summary>
/// The images of a data root, as dockerd stores them: configs under their digest, byte for byte, with metadata beside
/// them. Every lookup reads and hashes the config again, so nothing is cached.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ImageStore
{
    private readonly RootContext _context;
    private readonly RootPaths _paths;
    private readonly LayerStore _layers;

    internal ImageStore(RootContext context, LayerStore layers)
    {
        _context = context;
        _paths = context.Paths;
        _layers = layers;
    }

    /// <summary>All images whose config matches its digest and whose layers exist, in the order of ids. Others are left
    /// out, as dockerd does when it starts.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    public IEnumerable<Image> Images()
    {
        // Images share layers, so each layer is looked up once.
        var known = new HashSet<ChainId>();
        return Ids().Select(id => TryGet(id, known)).OfType<Image>();
    }

    /// <summary>The image of that id; null when it does not exist or is damaged.</summary>
    public Image? TryGet(Digest id) => TryGet(id, []);

    /// <summary>The one image whose id begins with the text, with or without <c>sha256:</c>; null when there is
    /// none.</summary>
    /// <exception cref="StoreException">Several ids begin with the text.</exception>
    public Image? Search(string start) => SearchId(start) is { } id ? TryGet(id) : null;

    /// <summary>As <see cref="Search"/>, including damaged images.</summary>
    internal Digest? SearchId(string start)
    {
        ArgumentNullException.ThrowIfNull(start);
        string hex = DigestText.WithoutSha256(start);
        Digest[] found = hex.Length == 0 ? [] : [.. Ids().Where(id => id.Hex.StartsWith(hex, StringComparison.Ordinal))];
        return found.Length <= 1
            ? found.Select(id => (Digest?)id).FirstOrDefault()
            : throw new StoreException(_paths.ImageDb, $"{_paths.Image}: '{start}' is the start of {found.Length} images");
    }

    /// <summary>Whether an image of that id exists, damaged or not.</summary>
    internal bool HasConfig(Digest id) => File.Exists(_paths.Content(id));

    /// <summary>The images made from this one.</summary>
    public IEnumerable<Image> ChildrenOf(Digest id) => Images().Where(image => image.Parent == id);

    /// <summary>The layers of all images, including incomplete ones, which may get their layers back.</summary>
    /// <exception cref="StoreException">A config is damaged, so its layers are unknown.</exception>
    internal HashSet<ChainId> NeededLayers() => NeededLayers([]);

    /// <summary>As <see cref="NeededLayers()"/>, without the images that are about to go.</summary>
    internal HashSet<ChainId> NeededLayers(IReadOnlyCollection<Digest> going) =>
        [.. Ids().Where(id => !going.Contains(id)).SelectMany(id => ReadConfig(id).ChainIds)];

    /// <summary>Adds an image whose layers exist. Adding an existing image succeeds.</summary>
    /// <param name="config">The config; stored unchanged.</param>
    /// <exception cref="StoreException">A layer is missing.</exception>
    internal Image Add(ImageConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (MissingLayer(config, []) is { } missing)
        {
            throw new StoreException(_paths.Image, $"{_paths.Image}: image {config.Id} needs layer {missing}, which is not there");
        }

        string content = _paths.Content(config.Id);
        if (TryGet(config.Id) is { } existing)
        {
            return existing;
        }

        DurableDirectory.Ensure(_paths.Contents, Modes.Private);
        DurableDirectory.Ensure(_paths.AllMetadata, Modes.Private);
        AtomicFile.Replace(content, config.Bytes.Span, TemporaryNames.Engine, Modes.PrivateFile);
        try
        {
            return TryGet(config.Id)!;
        }
        catch
        {
            File.Delete(content);
            throw;
        }
    }

    /// <summary>Sets or clears the parent of an image.</summary>
    internal void SetParent(Digest id, Digest? parent) => SetMetadata(id, RootPaths.ParentFile, parent?.ToString());

    /// <summary>Sets when the image was last tagged.</summary>
    internal void SetLastUpdated(Digest id, DateTimeOffset time) => SetMetadata(id, RootPaths.LastUpdatedFile, GoTime.Of(time));

    /// <summary>Removes the image, not its layers; its children lose their parent. A missing image is no
    /// error.</summary>
    internal void Remove(Digest id)
    {
        foreach (Image child in ChildrenOf(id))
        {
            SetParent(child.Id, null);
        }

        // Each step is flushed before the next: the metadata goes before the image, and the image before its layers.
        RemoveDurably(_paths.Metadata(id));
        RemoveDurably(_paths.Content(id));
    }

    /// <summary>Removes temporary files of dead processes.</summary>
    internal IReadOnlyList<string> Sweep()
    {
        string[] places = [_paths.Image, _paths.Contents, .. Subdirectories(_paths.AllMetadata),
            .. Subdirectories(_paths.DiffIds), _paths.BlobSources];
        string[] unfinished = [.. places.Where(FilePath.IsDirectory).SelectMany(TemporaryNames.HiddenIn)];
        Array.ForEach(unfinished, File.Delete);
        return unfinished;
    }

    private void RemoveDurably(string path)
    {
        TreeRemover.Remove(path);
        string directory = Path.GetDirectoryName(path)!;
        if (FilePath.IsDirectory(directory))
        {
            _context.FlushNames(directory);
        }
    }

    private static string[] Subdirectories(string path) => FilePath.IsDirectory(path) ? DirectoryList.Directories(path) : [];

    private List<Digest> Ids()
    {
        var ids = new List<Digest>();
        if (!FilePath.IsDirectory(_paths.Contents))
        {
            _context.Require();
            return ids;
        }

        foreach (string file in DirectoryList.Files(_paths.Contents).Order(StringComparer.Ordinal))
        {
            if (Digest.TryParse(DigestText.Sha256Prefix + Path.GetFileName(file), null, out Digest id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    private ImageConfig ReadConfig(Digest id)
    {
        string file = _paths.Content(id);
        try
        {
            ImageConfig config = ImageConfig.Parse(SmallFile.ReadBytes(file, _context.Limits.ConfigBytes));
            return config.Id == id ? config : throw Damaged(null);
        }
        catch (MalformedDataException fault)
        {
            throw Damaged(fault);
        }

        StoreException Damaged(Exception? cause) =>
            new(file, $"{file}: the config is damaged, and nothing else tells which layers the image needs", cause);
    }

    private Image? TryGet(Digest id, HashSet<ChainId> known)
    {
        try
        {
            ImageConfig config = ReadConfig(id);
            if (config.Platform.Os is not ("linux" or "") || MissingLayer(config, known) is not null)
            {
                return null;
            }

            string metadata = _paths.Metadata(id);
            bool hasParent = Digest.TryParse(SmallFile.TryReadText(RootPaths.ParentFile(metadata)), null, out Digest parent);
            return new Image
            {
                Config = config,
                Parent = hasParent ? parent : null,
                LastUpdated = SmallFile.TryReadText(RootPaths.LastUpdatedFile(metadata)),
            };
        }
        catch (Exception fault) when (fault is BlobsException or IOException && !Errno.IsTrouble(fault))
        {
            return null;
        }
    }

    private ChainId? MissingLayer(ImageConfig config, HashSet<ChainId> known)
    {
        foreach (ChainId id in config.ChainIds)
        {
            if (!known.Contains(id) && _layers.TryGet(id) is null)
            {
                return id;
            }

            known.Add(id);
        }

        return null;
    }

    private void SetMetadata(Digest id, Func<string, string> fileIn, string? value)
    {
        string metadata = _paths.Metadata(id);
        if (value is null)
        {
            RemoveDurably(fileIn(metadata));
            return;
        }

        DurableDirectory.Ensure(metadata, Modes.Private);
        AtomicFile.Replace(fileIn(metadata), Encoding.UTF8.GetBytes(value), TemporaryNames.Engine, Modes.PrivateFile);
    }
}
