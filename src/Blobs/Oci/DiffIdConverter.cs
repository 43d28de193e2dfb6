using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>DiffIDs in configs: text that must be one.</summary>
internal sealed class DiffIdConverter : JsonConverter<DiffId>
{
    public override DiffId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DiffId.TryParse(reader.GetString(), null, out DiffId id)
            ? id
            : throw new JsonException("expected a DiffID: sha256: and 64 lower-case hex digits");

    public override void Write(Utf8JsonWriter writer, DiffId value, JsonSerializerOptions options) => writer.WriteStringValue($"{value}");
}
