namespace Blobs.Interop.Seen;

/// <summary>One layer as it lies in a store.</summary>
internal sealed record StoredLayer(string ChainId, string DiffId, string? Parent, string CacheId)
{
    /// <summary>The text of the file, which has no newline.</summary>
    public required string Size { get; init; }

    public required string Folder { get; init; }

    public required string DriverFolder { get; init; }

    /// <summary>What the layer unpacked to.</summary>
    public required string Tree { get; init; }

    public string? Link { get; init; }

    public TarSplitStream Recording() => TarSplitStream.Read(Path.Combine(Folder, "tar-split.json.gz"));
}
