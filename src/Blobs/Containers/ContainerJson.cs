using System.Text.Json.Serialization;
using Blobs.Oci;

namespace Blobs.Containers;

/// <summary><c>config.v2.json</c>, as far as it is read.</summary>
internal sealed record ContainerJson
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Created { get; init; }

    public string? Path { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public RunConfig? Config { get; init; }

    public string? Image { get; init; }

    public string? Driver { get; init; }

    public ContainerState? State { get; init; }
}

/// <summary>Serialisers without reflection.</summary>
[JsonSourceGenerationOptions(Converters = [typeof(StringListConverter)])]
[JsonSerializable(typeof(ContainerJson))]
internal sealed partial class ContainerJsonContext : JsonSerializerContext;
