using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Reads and writes the store's documents: lists of records. Members that we do not know are kept.</summary>
internal static class StoreRecords
{
    // A host with 10,000 layers has about 5 MB.
    private const int BytesMax = 256 << 20;

    private const string Id = "id";

    public static List<StoredLayer> ReadLayers(string path) => Read(path, value =>
    {
        GoObject json = value.Object();
        return new StoredLayer
        {
            Id = json[Id].Text() ?? "",
            Parent = json["parent"].TextIfAny(),
            DiffId = json["diff-digest"].ParsedIfAny<DiffId>(),
            TarLength = json["diff-size"].NumberIfAny() is > 0 and var length ? length : null,
            IsIncomplete = json["flags"].Object()["incomplete"].Raw().SequenceEqual("true"u8),
            Json = value.Raw().ToArray(),
        };
    });

    public static List<StoredImage> ReadImages(string path) => Read(path, value =>
    {
        GoObject json = value.Object();
        return new StoredImage
        {
            Id = json[Id].Text() ?? "",
            Digest = json["digest"].ParsedIfAny<Digest>(),
            Names = json["names"].Texts() ?? [],
            NamesHistory = json["names-history"].Texts() ?? [],
            TopLayer = json["layer"].TextIfAny(),
            MappedLayers = json["mapped-layers"].Texts() ?? [],
            Created = json["created"].TextIfAny(),
            Items = json["big-data-names"].Texts() ?? [],
            ItemSizes = json["big-data-sizes"].Map(size => size.Number()) ?? new Dictionary<string, long>(),
            ItemDigests = json["big-data-digests"].TextMap() ?? new Dictionary<string, string>(),
            Json = value.Raw().ToArray(),
        };
    });

    public static List<StoredContainer> ReadContainers(string path) => Read(path, value =>
    {
        GoObject json = value.Object();
        return new StoredContainer(
            json[Id].Text() ?? "", json["names"].Texts() ?? [], json["image"].TextIfAny(), json["layer"].TextIfAny());
    });

    /// <summary>The document of some records.</summary>
    public static byte[] Write(IEnumerable<ReadOnlyMemory<byte>> records) => GoJsonWriter.Value(json =>
    {
        json.BeginArray();
        foreach (ReadOnlyMemory<byte> record in records)
        {
            json.Raw(record.Span);
        }

        json.EndArray();
    });

    /// <summary>A record with some members replaced, or removed where the new value is null. The others keep their bytes
    /// and their place; new ones come last.</summary>
    public static byte[] Edit(ReadOnlyMemory<byte> record, params (string Name, byte[]? Json)[] changes)
    {
        using var document = GoDocument.Parse(record, "record", Fault.RootDocument);
        GoObject json = document.Root.Object();
        string[] names = [.. changes.Select(change => change.Name)];
        IEnumerable<(string Name, byte[]? Json)> there = json.Names
            .SelectMany(name => changes.Where(change => change.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
        UnknownMembers unknown = json.Unknown(names);
        (string Name, byte[]? Json)[] ordered = [.. there.Concat(changes).DistinctBy(change => change.Name)];
        return GoJsonWriter.Value(writer => writer.Object(ordered, unknown));
    }

    private static List<T> Read<T>(string path, Func<GoValue, T> read)
    {
        byte[]? bytes = SmallFile.TryRead(path, BytesMax);
        if (bytes is null || bytes.Length == 0)
        {
            return [];
        }

        using var document = GoDocument.Parse(bytes, path, Fault.RootDocument);
        return [.. document.Root.List(read) ?? []];
    }
}
