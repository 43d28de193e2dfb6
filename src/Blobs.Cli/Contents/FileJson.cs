using System.Text.Json.Serialization;

namespace Blobs.Cli.Contents;

/// <summary>Source-generated JSON serialisers of the reports about files.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FileReport[]))]
[JsonSerializable(typeof(CopiedReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(ImageSizeReport))]
[JsonSerializable(typeof(FoundReport[]))]
internal sealed partial class FileJson : JsonSerializerContext;
