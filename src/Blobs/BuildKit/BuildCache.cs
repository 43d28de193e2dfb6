using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.BuildKit;

/// <summary>
/// What the build cache of an engine needs of its data root, as its databases say:
/// <code>
/// ROOT/buildkit/
///   snapshots.db        a bucket a snapshot: its directory in the driver, or the layer it has become or stands for
///   metadata_v2.db      _main/RECORD: what made it, and its snapshot where that has another name
/// </code>
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCache
{
    private const int NameBytesMax = 255;

    private readonly Dictionary<ChainId, string?> _layers = [];
    private readonly HashSet<string> _directories = [];
    private readonly Dictionary<string, ChainId> _layerOfSnapshot = [];

    private BuildCache()
    {
    }

    /// <summary>Why nobody can tell what it needs, in a line; null when that is known.</summary>
    public string? Problem { get; private init; }

    /// <summary>The layers that it refers to. What they stand on it needs as well.</summary>
    public IReadOnlyCollection<ChainId> Layers => _layers.Keys;

    /// <summary>Its directories in the driver, whether they are layers' or not.</summary>
    public IReadOnlySet<string> Directories => _directories;

    /// <summary>Reads the cache of a data root; a root without one needs nothing.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    public static BuildCache Of(string root)
    {
        string folder = Path.Combine(root, "buildkit");
        string current = Path.Combine(folder, "snapshots.db");
        string metadataPath = Path.Combine(folder, "metadata_v2.db");
        try
        {
            using FileLock? snapshots = Lock(current);
            using FileLock? metadata = Lock(metadataPath);
            if (snapshots is null)
            {
                return metadata is null
                    ? new BuildCache()
                    : new BuildCache { Problem = $"{current}: is not there, and {metadataPath} is" };
            }

            var cache = new BuildCache();
            using FileStream snapshotFile = snapshots.OpenStream();
            cache.AddSnapshots(snapshotFile);
            if (metadata is not null)
            {
                current = metadataPath;
                using FileStream metadataFile = metadata.OpenStream();
                cache.AddRecords(metadataFile);
            }

            return cache;
        }
        catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            bool isNamed = fault.Message.Contains(folder, StringComparison.Ordinal);
            return new BuildCache { Problem = isNamed ? fault.Message : $"{current}: {fault.Message}" };
        }
    }

    /// <summary>Reads both databases.</summary>
    /// <param name="snapshots"><c>snapshots.db</c>.</param>
    /// <param name="metadata"><c>metadata_v2.db</c>; engines before it had another.</param>
    /// <exception cref="MalformedDataException">One is damaged, or of a version that is not known.</exception>
    internal static BuildCache Read(Stream snapshots, Stream? metadata)
    {
        var cache = new BuildCache();
        cache.AddSnapshots(snapshots);
        if (metadata is not null)
        {
            cache.AddRecords(metadata);
        }

        return cache;
    }

    /// <summary>Whether it needs this layer, or this directory of the driver.</summary>
    public bool Needs(ChainId layer, string directory) => _layers.ContainsKey(layer) || _directories.Contains(directory);

    /// <summary>What made a layer, such as "mount / from exec /bin/sh -c …"; null where nothing tells.</summary>
    public string? DescriptionOf(ChainId layer) => _layers.GetValueOrDefault(layer);

    private static FileLock? Lock(string path)
    {
        int errno = FileLock.TryTake(path, isExclusive: false, out FileLock? taken);
        return errno switch
        {
            Errno.None or Errno.NotFound or Errno.NotDirectory => taken,
            Errno.Again => throw new StoreException(path, $"{path}: another program has locked it"),
            _ => throw Errno.Error("open", errno, path),
        };
    }

    // A snapshot that has become a layer names it in "chainid". A base image's has no directory of its own: it is the layer, by name.
    private void AddSnapshots(Stream file)
    {
        BoltFile database = BoltFile.Open(file);
        foreach (BoltItem snapshot in database.Items(database.Root).Where(item => item.IsBucket))
        {
            string name = NameOf(snapshot.Key, snapshot.Offset);
            if (AddName(name) is { } own)
            {
                _layerOfSnapshot.TryAdd(name, own);
            }

            foreach (BoltItem item in database.Items(snapshot.ToBucket()))
            {
                string key = Encoding.Latin1.GetString(item.Key.Span);
                if (item.IsBucket || item.Value.IsEmpty || key is not ("chainid" or "committed" or "parent"))
                {
                    continue;
                }

                ChainId? layer = AddName(NameOf(item.Value, item.Offset));
                if (key == "chainid")
                {
                    _layerOfSnapshot[name] = layer
                        ?? throw Throw.Error(Fault.BoltDatabase, item.Offset, $"{Printable.Quote(item.Value.Span)} is no ChainID");
                }
            }
        }
    }

    private ChainId? AddName(string name)
    {
        if (ChainId.TryParse(name, null, out ChainId layer))
        {
            _layers.TryAdd(layer, null);
            return layer;
        }

        _directories.Add(name);
        return null;
    }

    private void AddRecords(Stream file)
    {
        BoltFile database = BoltFile.Open(file);
        foreach (BoltItem main in database.Items(database.Root).Where(item => item.IsBucket && item.Key.Span.SequenceEqual("_main"u8)))
        {
            foreach (BoltItem record in database.Items(main.ToBucket()).Where(item => item.IsBucket))
            {
                AddRecord(database, record);
            }
        }
    }

    private void AddRecord(BoltFile database, BoltItem record)
    {
        string snapshot = NameOf(record.Key, record.Offset);
        string? description = null;
        foreach (BoltItem item in database.Items(record.ToBucket()).Where(item => !item.IsBucket))
        {
            if (item.Key.Span.SequenceEqual("cache.description"u8))
            {
                description = TextOf(item);
            }
            else if (item.Key.Span.SequenceEqual("cache.snapshot"u8) && TextOf(item) is { } name)
            {
                snapshot = name;
                if (AddName(name) is { } layer)
                {
                    _layerOfSnapshot.TryAdd(name, layer);
                }
            }
        }

        if (description is not null && _layerOfSnapshot.TryGetValue(snapshot, out ChainId described))
        {
            _layers[described] = description;
        }
    }

    private static string NameOf(ReadOnlyMemory<byte> name, long offset) => name.Length is > 0 and <= NameBytesMax
        ? Encoding.UTF8.GetString(name.Span)
        : throw Throw.Error(Fault.BoltDatabase, offset, $"a name of {name.Length} bytes, expected 1 to {NameBytesMax}");

    // {"value":"…"}
    private static string? TextOf(BoltItem item)
    {
        if (item.Value.IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(item.Value);
            return document.RootElement.GetProperty("value").GetString();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Throw.Error(Fault.BoltDatabase, item.Offset, $"{Printable.Quote(item.Key.Span)} has no text: {fault.Message}");
        }
    }
}
