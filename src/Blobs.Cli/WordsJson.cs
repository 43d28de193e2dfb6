using System.Text.Json.Serialization;

namespace Blobs.Cli;

/// <summary>Reads a list of words that a user typed as JSON.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class WordsJson : JsonSerializerContext;
