using System.Text.Json.Serialization;

namespace Blobs.Cli;

/// <summary>Source-generated JSON serialisers of the reports about a whole data root.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(RootPruneReport))]
internal sealed partial class RootJson : JsonSerializerContext;
