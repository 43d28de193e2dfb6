using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Json.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Makes records of layers.</summary>
[SupportedOSPlatform("linux")]
internal static class LayerRecord
{
    private const string Flags = "flags";

    private static readonly byte[] Incomplete = "{\"incomplete\":true}"u8.ToArray();

    /// <summary>The record of a layer that is being made; it says that it is incomplete.</summary>
    public static StoredLayer New(string id, string? parent, StagedLayer staged)
    {
        byte[] json = GoJsonWriter.Value(record => record.Object(
        [
            ("id", Text(id)),
            ("parent", parent is null ? null : Text(parent)),
            ("created", Text(GoTime.Of(DateTimeOffset.UtcNow))),
            ("compressed-diff-digest", Text($"{staged.Summary.Digest}")),
            ("compressed-size", Number(staged.Summary.CompressedBytes)),
            ("diff-digest", Text($"{staged.Summary.DiffId}")),
            ("diff-size", Number(staged.Summary.UncompressedBytes)),
            ("compression", CodeOf(staged.Summary.Compression) is > 0 and var code ? Number(code) : null),
            ("uidset", Numbers(staged.Users)),
            ("gidset", Numbers(staged.Groups)),
            (Flags, Incomplete),
        ]));
        return new StoredLayer
        {
            Id = id,
            Parent = parent,
            DiffId = staged.Summary.DiffId,
            TarLength = staged.Summary.UncompressedBytes,
            IsIncomplete = true,
            Json = json,
        };
    }

    /// <summary>The record of a layer that is about to be removed.</summary>
    public static StoredLayer Flag(StoredLayer layer) =>
        layer with { IsIncomplete = true, Json = StoreRecords.Edit(layer.Json, (Flags, Incomplete)) };

    /// <summary>The record of a layer that is complete now.</summary>
    public static StoredLayer Complete(StoredLayer layer) =>
        layer with { IsIncomplete = false, Json = StoreRecords.Edit(layer.Json, (Flags, null)) };

    // The library's numbers, which it finds by the first bytes of the blob.
    private static int CodeOf(CompressionKind kind) => kind switch
    {
        CompressionKind.Bzip2 => 1,
        CompressionKind.Gzip => 2,
        CompressionKind.Xz => 3,
        CompressionKind.Zstd => 4,
        _ => 0,
    };

    private static byte[] Text(string text) => GoJsonWriter.Value(json => json.String(text));

    private static byte[] Number(long number) => GoJsonWriter.Value(json => json.Number(number));

    private static byte[] Numbers(uint[] numbers) => GoJsonWriter.Value(json =>
    {
        json.BeginArray();
        foreach (uint number in numbers)
        {
            json.Number(number);
        }

        json.EndArray();
    });
}
