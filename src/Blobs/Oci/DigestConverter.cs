using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>Digests in documents: text that must be one.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Digest.TryParse(reader.GetString(), null, out Digest digest)
            ? digest
            : throw new JsonException("expected a digest: sha256: and 64, or sha512: and 128, lower-case hex digits");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue($"{value}");
}
