using System.Text.Json.Serialization;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// What a run of garbage collection wants to delete of one digest, or a tag: the references that go, and the bytes, if
/// no other reference leads to them. Entries are sorted by their key.
/// </summary>
internal sealed record CondemnedEntry
{
    /// <summary>The canonical SHA-256 digest; for a tag the digest that it named, null for one that named none.</summary>
    public string? Digest { get; init; }

    /// <summary>Whether the bytes go.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Bytes { get; init; }

    /// <summary>The tag; null for a digest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tag { get; init; }

    /// <summary>The repository of the tag.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Repository { get; init; }

    /// <summary>The references that go.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CondemnedLink>? Links { get; init; }

    [JsonIgnore]
    public string Key => Tag is null ? KeyOf(Hashing.Digest.Parse(Digest ?? "")) : KeyOf(Repository ?? "", Tag);

    public static string KeyOf(Digest digest) => digest.Hex;

    public static string KeyOf(string repository, string tag) =>
        Hashing.Digest.OfSha256(System.Text.Encoding.UTF8.GetBytes($"{repository}:{tag}")).Hex;

    /// <summary>Whether the entry could delete what a repository needs of the digest, or the tag.</summary>
    public bool Concerns(string repository) =>
        Tag is not null || Bytes || (Links?.Any(link => link.Repository == repository) ?? false);
}

/// <summary>A reference that goes with its entry.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Repository">Its repository.</param>
/// <param name="Name">The digest by which it is named, if that is not the entry's; for a history the tag, for a referrer
/// its subject.</param>
internal sealed record CondemnedLink(
    ReferenceKind Kind,
    string Repository,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null);
