using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Blobs.Errors;

namespace Blobs.Client;

/// <summary>What registries, token servers, credential files and helpers say as JSON; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(RegistryErrorsJson))]
[JsonSerializable(typeof(TokenJson))]
[JsonSerializable(typeof(ListJson))]
[JsonSerializable(typeof(DockerConfigJson))]
[JsonSerializable(typeof(CredentialHelperJson))]
internal sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>Reads a whole document. What it says may be secret, so an error names only the place.</summary>
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string what, Fault fault)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new MalformedDataException(fault, 0, $"{what}: is null");
        }
        catch (JsonException error)
        {
            string path = string.IsNullOrEmpty(error.Path) ? "$" : error.Path;
            throw new MalformedDataException(
                fault, error.BytePositionInLine ?? 0, $"{what}: is not the JSON it should be (at {path}, line {error.LineNumber + 1})");
        }
    }
}
