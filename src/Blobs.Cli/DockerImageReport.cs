using System.Globalization;
using System.Text.Json.Serialization;
using Blobs.Hashing.Internal;

namespace Blobs.Cli;

/// <summary>An image as <c>docker images --format json</c> prints it: every member is text.</summary>
internal sealed record DockerImageReport
{
    private const string None = "<none>";
    private const string Unknown = "N/A";

    public string Containers { get; init; } = Unknown;

    public required string CreatedAt { get; init; }

    public required string CreatedSince { get; init; }

    public required string Digest { get; init; }

    [JsonPropertyName("ID")]
    public required string Id { get; init; }

    public required string Repository { get; init; }

    public string SharedSize { get; init; } = Unknown;

    public required string Size { get; init; }

    public required string Tag { get; init; }

    public string UniqueSize { get; init; } = Unknown;

    public required string VirtualSize { get; init; }

    public static DockerImageReport From(ImageReport row, bool isLong) => new()
    {
        CreatedAt = DateTimeOffset.Parse(row.CreatedAt, CultureInfo.InvariantCulture)
            .ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture),
        CreatedSince = row.CreatedSince,
        Digest = row.Digest ?? None,
        Id = isLong ? row.Id : DigestText.Shorten(row.Id),
        Repository = row.Repository ?? None,
        Size = row.DisplaySize,
        Tag = row.Tag ?? None,
        VirtualSize = Human.ExactSize(row.Size),
    };
}

/// <summary>Source-generated JSON serialisers of what docker's command prints.</summary>
[JsonSerializable(typeof(DockerImageReport))]
internal sealed partial class DockerJson : JsonSerializerContext;
