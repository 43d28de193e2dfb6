using Blobs.Compression;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Transfer;

/// <summary>
/// Reads archives of <c>docker save</c> before 1.10: a directory for each layer, with <c>layer.tar</c> and the layer's
/// own <c>json</c>, and <c>repositories</c>, which names the topmost layers. Every layer becomes an image, as in
/// dockerd 20.10.
/// </summary>
internal sealed class LegacyArchive
{
    private const string RepositoriesName = "repositories";
    private const string ConfigName = "json";
    private const string LayerName = "layer.tar";
    private const int BufferBytes = 256 << 10;

    // Docker's limit of 125 layers, plus the two that it adds for a container.
    private const int LayersMax = 127;

    private readonly IArchiveFiles _files;
    private readonly Limits _limits;
    private readonly Dictionary<string, ArchivedImage> _images = [];
    private readonly List<string> _order = [];

    private LegacyArchive(IArchiveFiles files, Limits limits)
    {
        _files = files;
        _limits = limits;
    }

    /// <summary>The images of the archive, parents first; null when it has no <c>repositories</c>.</summary>
    public static IReadOnlyList<ArchivedImage>? TryRead(IArchiveFiles files, Limits limits) =>
        files.TryReadDocument(RepositoriesName, limits.ManifestBytes) is { } json ? new LegacyArchive(files, limits).Read(json) : null;

    private List<ArchivedImage> Read(byte[] repositories)
    {
        foreach (string directory in _files.Directories.Order(StringComparer.Ordinal))
        {
            Add(directory);
        }

        ILookup<string, ImageReference> names = Names(repositories).ToLookup(name => name.Layer, name => name.Name);
        if (names.FirstOrDefault(named => !_images.ContainsKey(named.Key)) is { } unknown)
        {
            throw _files.Refused($"invalid target ID: {ArchiveDocuments.Shown(unknown.Key)}");
        }

        HashSet<Digest> parents = [.. _images.Values.Select(image => image.Parent).OfType<Digest>()];
        return [.. _order.Select(id => Named(_images[id], [.. names[id]], parents))];
    }

    private ArchivedImage Named(ArchivedImage image, IReadOnlyList<ImageReference> names, HashSet<Digest> parents) => new(_files)
    {
        Config = image.Config,
        LayerNames = image.LayerNames,
        Parent = image.Parent,
        Names = names,
        IsIntermediate = names.Count == 0 && parents.Contains(image.Config.Id),
    };

    private List<(string Layer, ImageReference Name)> Names(byte[] json)
    {
        using GoDocument document = GoDocument.ParseFirst(json, $"{_files.Origin}: {RepositoriesName}", Fault.ImageArchive);
        var names = new List<(string, ImageReference)>();
        IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string>?>>? repositories = document.Root.Map(tags => tags.TextMap());
        foreach ((string repository, IReadOnlyDictionary<string, string>? tags) in repositories ?? [])
        {
            IEnumerable<KeyValuePair<string, string>>? all = tags;
            foreach ((string tag, string layer) in all ?? [])
            {
                bool isName = ImageReference.TryParse($"{repository}:{tag}", out ImageReference? name)
                    && name is { Tag: not null, Digest: null };
                names.Add(isName ? (layer, name!) : throw _files.Refused($"invalid tag {ArchiveDocuments.Shown($"{repository}:{tag}")}"));
            }
        }

        return names;
    }

    // Adds a layer after those below it.
    private void Add(string id)
    {
        var pending = new List<(string Id, LegacyConfig Config)>();
        for (string? next = id; next is not null && !_images.ContainsKey(next); next = pending[^1].Config.Parent)
        {
            if (pending.Count == LayersMax)
            {
                throw _files.Refused($"{ArchiveDocuments.Shown(id)} is on top of more than {LayersMax} layers, or of itself");
            }

            string name = $"{next}/{ConfigName}";
            pending.Add((next, LegacyConfig.Parse(
                _files.ReadDocument(name, _limits.ConfigBytes, nameof(Limits.ConfigBytes)), $"{_files.Origin}: {name}")));
        }

        for (int i = pending.Count - 1; i >= 0; i--)
        {
            (string own, LegacyConfig config) = pending[i];
            ArchivedImage? parent = config.Parent is { } below ? _images[below] : null;
            if (parent?.LayerNames.Count >= LayersMax)
            {
                throw _files.Refused($"{ArchiveDocuments.Shown(own)} is on top of more than {LayersMax} layers");
            }

            string layer = $"{own}/{LayerName}";
            _images[own] = new ArchivedImage(_files)
            {
                Config = config.ToConfig(
                    [.. parent?.Config.DiffIds ?? [], _files.SeenLayer(layer) ?? DiffIdOf(layer)],
                    [.. parent?.Config.History ?? [], config.Step]),
                LayerNames = [.. parent?.LayerNames ?? [], layer],
                Parent = parent?.Config.Id,
            };
            _order.Add(own);
        }
    }

    // Such an archive does not state DiffIDs.
    private DiffId DiffIdOf(string name)
    {
        CompressionKind kind = KindOf(name, out long length);
        using Stream layer = _files.TryOpen(name, out _) ?? throw _files.Missing(name);
        using var tar = DecodingStream.Open(layer, kind, _limits);
        using var hasher = new Sha256Hasher();
        byte[] buffer = new byte[BufferBytes];
        long bytes = 0;
        for (int read = tar.Read(buffer); read > 0; read = tar.Read(buffer))
        {
            hasher.Append(buffer.AsSpan(0, read));
            bytes += read;
            if (bytes > _limits.UncompressedBytes)
            {
                Throw.LimitExceeded(nameof(Limits.UncompressedBytes), _limits.UncompressedBytes, ArchiveDocuments.Shown(name));
            }

            const long RatioFloorBytes = 64 << 20;
            if (bytes > RatioFloorBytes && bytes / _limits.ExpansionRatio > length)
            {
                Throw.LimitExceeded(nameof(Limits.ExpansionRatio), _limits.ExpansionRatio, ArchiveDocuments.Shown(name));
            }
        }

        return hasher.FinishDiffId();
    }

    private CompressionKind KindOf(string name, out long length)
    {
        using Stream layer = _files.TryOpen(name, out length) ?? throw _files.Missing(name);
        byte[] prefix = new byte[CompressionDetector.PrefixBytes];
        int read = layer.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        return CompressionDetector.Detect(prefix.AsSpan(0, read));
    }
}
