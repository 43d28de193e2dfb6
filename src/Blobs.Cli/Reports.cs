using System.Globalization;
using System.Text.Json.Serialization;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Cli;

/// <summary>What <c>ingest</c> prints.</summary>
internal sealed record IngestReport
{
    public required string Digest { get; init; }

    public required string DiffId { get; init; }

    public required string ChainId { get; init; }

    public required string? Parent { get; init; }

    public required string Compression { get; init; }

    public required long CompressedBytes { get; init; }

    public required long UncompressedBytes { get; init; }

    public required long Entries { get; init; }

    /// <summary>Size of the layer's files in bytes, as docker counts it.</summary>
    public required long Size { get; init; }

    public required string Root { get; init; }

    public required string Driver { get; init; }

    public required string CacheId { get; init; }

    public required bool AlreadyExisted { get; init; }

    public required long SkippedOwners { get; init; }

    public required long SkippedDevices { get; init; }

    public required long SkippedXattrs { get; init; }

    public required double Seconds { get; init; }

    /// <summary>The part of <see cref="Seconds"/> spent waiting for input.</summary>
    public required double WaitingSeconds { get; init; }

    /// <summary>Uncompressed bytes per second, without the waiting.</summary>
    public required double MegabytesPerSecond { get; init; }

    public static IngestReport From(LayerStore store, LayerIngestResult result, TimeSpan time) => new()
    {
        Digest = $"{result.Summary.Digest}",
        DiffId = $"{result.Layer.DiffId}",
        ChainId = $"{result.Layer.ChainId}",
        Parent = result.Layer.Parent?.ToString(),
        Compression = result.Summary.Compression.ToString().ToLowerInvariant(),
        CompressedBytes = result.Summary.CompressedBytes,
        UncompressedBytes = result.Summary.UncompressedBytes,
        Entries = result.Summary.EntryCount,
        Size = result.Layer.Size,
        Root = store.Root,
        Driver = store.DriverName,
        CacheId = result.Layer.CacheId,
        AlreadyExisted = result.AlreadyExisted,
        SkippedOwners = result.Skipped.Owners,
        SkippedDevices = result.Skipped.Devices,
        SkippedXattrs = result.Skipped.Xattrs,
        Seconds = Math.Round(time.TotalSeconds, 3),
        WaitingSeconds = Math.Round(result.Summary.SourceWait.TotalSeconds, 3),
        MegabytesPerSecond = Math.Round(Bytes.MegabytesPerSecond(result.Summary.UncompressedBytes, time - result.Summary.SourceWait), 1),
    };

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"Digest   {Digest}");
        output.WriteLine($"DiffID   {DiffId}");
        output.WriteLine($"ChainID  {ChainId}");
        output.WriteLine($"Layer    {LayerWords.Sizes(Compression, CompressedBytes, UncompressedBytes, Entries)}");
        output.WriteLine($"Root     {Root} ({Driver}){(AlreadyExisted ? ", already exists" : "")}");
        output.WriteLine(LayerWords.Time(Seconds, WaitingSeconds, MegabytesPerSecond));
    }

    /// <summary>Notes what the kernel did not permit.</summary>
    public void WriteNotes(TextWriter output)
    {
        if (SkippedOwners + SkippedDevices + SkippedXattrs > 0)
        {
            string skipped = string.Create(
                CultureInfo.InvariantCulture,
                $"{SkippedOwners:N0} owners, {SkippedDevices:N0} devices, {SkippedXattrs:N0} attributes");
            output.WriteLine($"note: skipped, as not permitted: {skipped}; digests and export are not affected");
        }
    }
}

/// <summary>What <c>hash</c> prints.</summary>
internal sealed record HashReport(
    string Digest, string DiffId, string Compression, long CompressedBytes, long UncompressedBytes, long Entries,
    double Seconds, double WaitingSeconds, double MegabytesPerSecond)
{
    public static HashReport From(LayerSummary summary, TimeSpan time) => new(
        $"{summary.Digest}",
        $"{summary.DiffId}",
        summary.Compression.ToString().ToLowerInvariant(),
        summary.CompressedBytes,
        summary.UncompressedBytes,
        summary.EntryCount,
        Math.Round(time.TotalSeconds, 3),
        Math.Round(summary.SourceWait.TotalSeconds, 3),
        Math.Round(Cli.Bytes.MegabytesPerSecond(summary.UncompressedBytes, time - summary.SourceWait), 1));

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"Digest   {Digest}");
        output.WriteLine($"DiffID   {DiffId}");
        output.WriteLine($"Layer    {LayerWords.Sizes(Compression, CompressedBytes, UncompressedBytes, Entries)}");
        output.WriteLine(LayerWords.Time(Seconds, WaitingSeconds, MegabytesPerSecond));
    }
}

/// <summary>One row of <c>layers</c>.</summary>
/// <param name="ChainId">The layer's ChainID.</param>
/// <param name="DiffId">Digest of its tar.</param>
/// <param name="Parent">ChainID of its parent.</param>
/// <param name="Size">Size of its files in bytes.</param>
/// <param name="CacheId">Name of its directory in the storage driver.</param>
/// <param name="References">As docker counts: its child layers, read-write layers on top of it, and images whose top
/// layer it is.</param>
/// <param name="ReadWriteLayers">Read-write layers on top of it.</param>
/// <param name="Images">The images whose top layer it is.</param>
internal sealed record LayerReport(
    string ChainId,
    string DiffId,
    string? Parent,
    long Size,
    string CacheId,
    int References,
    IReadOnlyList<string> ReadWriteLayers,
    IReadOnlyList<string> Images)
{
    public static LayerReport From(Layer layer, LayerReferences references, IReadOnlyList<string> images) => new(
        $"{layer.ChainId}",
        $"{layer.DiffId}",
        layer.Parent?.ToString(),
        layer.Size,
        layer.CacheId,
        references.CountOf(layer.ChainId) + images.Count,
        references.ReadWriteLayersOf(layer.ChainId),
        images);
}

/// <summary>What <c>layer export --json</c> prints.</summary>
internal sealed record ExportReport(string ChainId, string DiffId, long Bytes, double Seconds, double MegabytesPerSecond)
{
    public static ExportReport From(Layer layer, long bytes, TimeSpan time) => new(
        $"{layer.ChainId}",
        $"{layer.DiffId}",
        bytes,
        Math.Round(time.TotalSeconds, 3),
        Math.Round(Cli.Bytes.MegabytesPerSecond(bytes, time), 1));
}

/// <summary>What <c>layer diff --json</c> prints.</summary>
internal sealed record DiffReport(string DiffId, string? Parent, long Bytes, long Entries, double Seconds)
{
    public static DiffReport From(LayerSummary summary, ChainId? parent, TimeSpan time) => new(
        $"{summary.DiffId}", parent?.ToString(), summary.UncompressedBytes, summary.EntryCount, Math.Round(time.TotalSeconds, 3));
}

/// <summary>Source-generated JSON serialisers: the command starts faster and can be trimmed.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IngestReport))]
[JsonSerializable(typeof(HashReport))]
[JsonSerializable(typeof(LayerReport[]))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(ErofsReport))]
[JsonSerializable(typeof(ErofsExportReport))]
[JsonSerializable(typeof(CollectReport))]
[JsonSerializable(typeof(DiffReport))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(PullReport))]
[JsonSerializable(typeof(PullReport[]))]
[JsonSerializable(typeof(PushReport))]
[JsonSerializable(typeof(VersionReport))]
internal sealed partial class CliJson : JsonSerializerContext;
