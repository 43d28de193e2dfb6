using Blobs.Hashing;

namespace Blobs.ContainersStorage;

/// <summary>An image as <c>images.json</c> records it.</summary>
public sealed record StoredImage
{
    /// <summary>Its id: the hex digits of its config's digest. A manifest list has a random one.</summary>
    public required string Id { get; init; }

    /// <summary>Digest of the first manifest or index it was stored with; null when it is not recorded.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Its names, the newest first.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Names that it ever had.</summary>
    internal IReadOnlyList<string> NamesHistory { get; init; } = [];

    /// <summary>Id of its top layer; null for an image without layers, and for a manifest list.</summary>
    public string? TopLayer { get; init; }

    /// <summary>Top layers with other owners, for containers in a user namespace.</summary>
    internal IReadOnlyList<string> MappedLayers { get; init; } = [];

    /// <summary>When it was made, in RFC 3339; null when it is not recorded.</summary>
    public string? Created { get; init; }

    /// <summary>Names of the documents that are stored with it.</summary>
    internal IReadOnlyList<string> Items { get; init; } = [];

    /// <summary>Bytes of each document.</summary>
    internal IReadOnlyDictionary<string, long> ItemSizes { get; init; } = new Dictionary<string, long>();

    /// <summary>Digest of each document.</summary>
    internal IReadOnlyDictionary<string, string> ItemDigests { get; init; } = new Dictionary<string, string>();

    /// <summary>The record, with all members.</summary>
    internal ReadOnlyMemory<byte> Json { get; init; }
}
