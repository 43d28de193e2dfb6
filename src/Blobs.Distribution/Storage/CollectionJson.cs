using System.Text.Json.Serialization;

namespace Blobs.Distribution.Storage;

/// <summary>JSON of the records of garbage collection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CollectionState))]
[JsonSerializable(typeof(CondemnedEntry[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CollectionJson : JsonSerializerContext;
