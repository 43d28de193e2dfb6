using System.Text.Json;
using System.Text.Json.Serialization;
using Blobs.Oci;

namespace Blobs.Cli.Registries;

/// <summary>What <c>tags --json</c> prints.</summary>
/// <param name="Repository">Registry and repository, or the layout.</param>
/// <param name="Tags">The tags, in the order given.</param>
internal sealed record TagsReport(string Repository, IReadOnlyList<string> Tags);

/// <summary>What <c>catalog --json</c> prints.</summary>
/// <param name="Registry">The registry.</param>
/// <param name="Repositories">Its repositories, in the order given.</param>
internal sealed record CatalogReport(string Registry, IReadOnlyList<string> Repositories);

/// <summary>What <c>digest --json</c> prints.</summary>
/// <param name="Name">What was asked for.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">The type of the manifest.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record DigestReport(string Name, string Digest, string MediaType, long Size);

/// <summary>What <c>manifest --json</c> and <c>config --json</c> print: the document and what identifies it.</summary>
/// <param name="Digest">The digest of its exact bytes.</param>
/// <param name="MediaType">Its type.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Content">The document.</param>
internal sealed record DocumentReport(string Digest, string MediaType, long Size, JsonElement Content);

/// <summary>One referrer in <c>referrers --json</c>.</summary>
internal sealed record ReferrerReport
{
    public required string Digest { get; init; }

    public required string MediaType { get; init; }

    public required string? ArtifactType { get; init; }

    public required long Size { get; init; }

    public required IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public static ReferrerReport From(Descriptor referrer) => new()
    {
        Digest = $"{referrer.Digest}",
        MediaType = referrer.MediaType,
        ArtifactType = string.IsNullOrEmpty(referrer.ArtifactType) ? null : referrer.ArtifactType,
        Size = referrer.Size,
        Annotations = referrer.Annotations,
    };
}

/// <summary>What <c>delete --json</c> prints.</summary>
/// <param name="Repository">Registry and repository.</param>
/// <param name="Manifest">The deleted manifest; null when only a tag was deleted.</param>
/// <param name="Tags">The tags that are gone.</param>
internal sealed record DeleteReport(string Repository, string? Manifest, IReadOnlyList<string> Tags)
{
    public void WriteText(TextWriter output)
    {
        foreach (string tag in Tags)
        {
            output.WriteLine($"Untagged: {Repository}:{RegistryText.Show(tag)}");
        }

        if (Manifest is not null)
        {
            output.WriteLine($"Deleted: {Repository}@{Manifest}");
        }
    }
}

/// <summary>What <c>login --json</c> and <c>logout --json</c> print.</summary>
/// <param name="Registry">The registry.</param>
/// <param name="Username">The user; null after a logout.</param>
/// <param name="Store">Where the login is, or was: a file, or a helper program. Null when there was none.</param>
internal sealed record LoginReport(string Registry, string? Username, string? Store);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TagsReport))]
[JsonSerializable(typeof(CatalogReport))]
[JsonSerializable(typeof(DigestReport))]
[JsonSerializable(typeof(DocumentReport))]
[JsonSerializable(typeof(ReferrerReport[]))]
[JsonSerializable(typeof(DeleteReport))]
[JsonSerializable(typeof(LoginReport))]
internal sealed partial class RegistryJson : JsonSerializerContext;
