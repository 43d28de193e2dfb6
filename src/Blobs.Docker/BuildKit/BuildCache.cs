using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.BuildKit;

/// <summary>
/// What BuildKit's cache needs of a Docker data root, according to its databases:
/// <code>
/// ROOT/buildkit/
///   snapshots.db        a bucket per snapshot: its directory in the driver, or its layer
///   metadata_v2.db      _main/RECORD: a record: its description, and its snapshot if that has another name
/// </code>
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCache
{
    private const int NameBytesMax = 255;

    private readonly Dictionary<ChainId, string?> _layers = [];
    private readonly HashSet<string> _directories = [];

    private BuildCache()
    {
    }

    /// <summary>Why its needs are unknown, in one line; null when they are known.</summary>
    public string? Problem { get; private init; }

    /// <summary>The layers that it refers to; it needs their parents too.</summary>
    public IReadOnlyCollection<ChainId> Layers => _layers.Keys;

    /// <summary>Its directories in the driver, of layers or not.</summary>
    public IReadOnlySet<string> Directories => _directories;

    /// <summary>Reads the cache of a data root; a root without one needs nothing.</summary>
    /// <param name="snapshotsPath">Its <c>snapshots.db</c>.</param>
    /// <param name="metadataPath">Its <c>metadata_v2.db</c>, in the same folder.</param>
    public static BuildCache Of(string snapshotsPath, string metadataPath)
    {
        string current = snapshotsPath;
        try
        {
            using FileLock? snapshots = Lock(snapshotsPath);
            using FileLock? metadata = Lock(metadataPath);
            switch (snapshots, metadata)
            {
                case (null, null):
                    return new BuildCache();
                case (null, _):
                    return Missing(snapshotsPath, other: metadataPath);
                case (_, null):
                    return Missing(metadataPath, other: snapshotsPath);
            }

            using FileStream snapshotFile = snapshots.OpenStream();
            List<Snapshot> read = ReadSnapshots(snapshotFile);
            current = metadataPath;
            using FileStream metadataFile = metadata.OpenStream();
            return Of(read, ReadRecords(metadataFile));
        }
        catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            bool isNamed = fault.Message.Contains(Path.GetDirectoryName(snapshotsPath)!, StringComparison.Ordinal);
            return new BuildCache { Problem = isNamed ? fault.Message : $"{current}: {fault.Message}" };
        }
    }

    /// <summary>Reads both databases.</summary>
    /// <param name="snapshots"><c>snapshots.db</c>.</param>
    /// <param name="metadata"><c>metadata_v2.db</c>.</param>
    /// <exception cref="MalformedDataException">One is damaged, or of an unknown version.</exception>
    internal static BuildCache Read(Stream snapshots, Stream metadata) => Of(ReadSnapshots(snapshots), ReadRecords(metadata));

    /// <summary>Whether it needs this layer, or this directory of the driver.</summary>
    public bool Needs(ChainId layer, string directory) => _layers.ContainsKey(layer) || _directories.Contains(directory);

    /// <summary>What made a layer, such as "mount / from exec /bin/sh -c …"; null when it is not recorded.</summary>
    public string? DescriptionOf(ChainId layer) => _layers.GetValueOrDefault(layer);

    // Each database names layers that the other does not.
    private static BuildCache Missing(string path, string other) => new() { Problem = $"{path}: does not exist, but {other} does" };

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

    // Snapshots outlive their records: dockerd leaves those of base images behind. Those without a record are not
    // needed. If there is no list of records, all are needed.
    private static BuildCache Of(List<Snapshot> snapshots, Dictionary<string, string?>? records)
    {
        var cache = new BuildCache();
        Dictionary<string, Snapshot> byName = snapshots.ToDictionary(snapshot => snapshot.Name);
        var next = new Stack<(string Name, string? Description)>(
            records?.Select(record => (record.Key, record.Value)) ?? snapshots.Select(snapshot => (snapshot.Name, (string?)null)));
        var seen = new HashSet<string>();
        while (next.TryPop(out (string Name, string? Description) needed))
        {
            Snapshot snapshot = byName.GetValueOrDefault(needed.Name) ?? new Snapshot(needed.Name);
            if (snapshot.Layer is { } layer && cache._layers.GetValueOrDefault(layer) is null)
            {
                cache._layers[layer] = needed.Description;
            }

            if (seen.Add(needed.Name))
            {
                next.Push((snapshot.Committed ?? needed.Name, null));
                next.Push((snapshot.Parent ?? needed.Name, null));
            }
        }

        cache._directories.UnionWith(snapshots
            .SelectMany(snapshot => (string?[])[snapshot.Name, snapshot.Committed, snapshot.Parent]).OfType<string>()
            .Where(name => !ChainId.TryParse(name, null, out _)));
        return cache;
    }

    private static List<Snapshot> ReadSnapshots(Stream file)
    {
        BoltFile database = BoltFile.Open(file);
        var snapshots = new List<Snapshot>();
        foreach (BoltItem bucket in database.Items(database.Root).Where(item => item.IsBucket))
        {
            var snapshot = new Snapshot(NameOf(bucket.Key, bucket.Offset));
            foreach (BoltItem item in database.Items(bucket.ToBucket()).Where(item => !item.IsBucket && !item.Value.IsEmpty))
            {
                snapshot = Encoding.Latin1.GetString(item.Key.Span) switch
                {
                    "chainid" => snapshot with { ChainId = ChainIdOf(item) },
                    "committed" => snapshot with { Committed = NameOf(item.Value, item.Offset) },
                    "parent" => snapshot with { Parent = NameOf(item.Value, item.Offset) },
                    _ => snapshot,
                };
            }

            snapshots.Add(snapshot);
        }

        return snapshots;
    }

    // The description of each recorded snapshot; null if the database has no records bucket.
    private static Dictionary<string, string?>? ReadRecords(Stream file)
    {
        BoltFile database = BoltFile.Open(file);
        Dictionary<string, string?>? records = null;
        foreach (BoltItem main in database.Items(database.Root).Where(item => item.IsBucket && item.Key.Span.SequenceEqual("_main"u8)))
        {
            records = [];
            foreach (BoltItem record in database.Items(main.ToBucket()).Where(item => item.IsBucket))
            {
                string? snapshot = null;
                string? description = null;
                foreach (BoltItem item in database.Items(record.ToBucket()).Where(item => !item.IsBucket))
                {
                    snapshot = item.Key.Span.SequenceEqual("cache.snapshot"u8) ? TextOf(item) : snapshot;
                    description = item.Key.Span.SequenceEqual("cache.description"u8) ? TextOf(item) : description;
                }

                records[NameOf(record.Key, record.Offset)] = description;
                if (snapshot is not null)
                {
                    records[snapshot] = description;
                }
            }
        }

        return records;
    }

    private static ChainId ChainIdOf(BoltItem item) => ChainId.TryParse(Encoding.Latin1.GetString(item.Value.Span), null, out ChainId id)
        ? id
        : throw Throw.Error(Fault.BoltDatabase, item.Offset, $"{Printable.Quote(item.Value.Span)} is not a ChainID");

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

    // A snapshot that has become a layer names it; one of a base image has the layer's name, and no directory of its
    // own.
    private sealed record Snapshot(string Name)
    {
        public ChainId? ChainId { get; init; }

        public string? Committed { get; init; }

        public string? Parent { get; init; }

        public ChainId? Layer => ChainId ?? (Hashing.ChainId.TryParse(Name, null, out ChainId id) ? id : null);
    }
}
