namespace Blobs.Errors;

/// <summary>
/// Upper bounds for input. Every length that is read from a stream is checked against one of these before it sizes a buffer or
/// an array.
/// </summary>
public sealed record Limits
{
    /// <summary>All limits at their defaults.</summary>
    public static Limits Default { get; } = new();

    /// <summary>Data of one extension member (pax records, GNU long name or link, a sparse map), in bytes.
    /// 1 MiB, as in Go's archive/tar and therefore in every engine.</summary>
    public int ExtensionBytes { get; init; } = 1 << 20;

    /// <summary>Everything between one payload and the next (padding, extension members, header), in bytes.</summary>
    public int FramingBytes { get; init; } = 8 << 20;

    /// <summary>Entries of one archive. Detecting duplicate names takes 32 bytes of memory per entry, 64 per directory.</summary>
    public int Entries { get; init; } = 8_000_000;

    /// <summary>Name or link target of one entry, in bytes. This is for reading archives; the kernel accepts paths of 4,096.</summary>
    public int NameBytes { get; init; } = 1 << 20;

    /// <summary>Components of one name.</summary>
    public int PathDepth { get; init; } = 512;

    /// <summary>Uncompressed bytes of one stream. 1 TiB.</summary>
    public long UncompressedBytes { get; init; } = 1L << 40;

    /// <summary>Uncompressed bytes per compressed byte, checked once the output exceeds 64 MiB. DEFLATE cannot exceed 1,032;
    /// zstd can, and a harmless stream of zeros does.</summary>
    public int ExpansionRatio { get; init; } = 100_000;

    /// <summary>Window of a zstd frame, in bytes. 128 MiB, which is what <c>zstd -d</c> accepts without a flag. The decoder
    /// allocates this much memory, so a service may want 8 MiB.</summary>
    public long ZstdWindowBytes { get; init; } = 128L << 20;

    /// <summary>Window of an xz block, in bytes. 128 MiB; <c>xz -9</c> uses 64. The decoder allocates this much memory.</summary>
    public long XzWindowBytes { get; init; } = 128L << 20;

    /// <summary>Time for one layer, from its first byte to its last, in seconds. One day: a source that sends more slowly, or
    /// nothing at all, would hold a connection and a directory for ever.</summary>
    public int LayerSeconds { get; init; } = 86_400;

    /// <summary>One JSON line of a tar-split recording, in bytes. A full segment of 1 MiB takes 1.4 MB; engines up to 17.10 wrote
    /// everything after the last entry as one line.</summary>
    public int TarSplitLineBytes { get; init; } = 64 << 20;

    /// <summary>The merged file system of an image in memory: names, link targets, attributes, and 250 bytes for each entry. 1 GiB,
    /// about 3,500,000 entries.</summary>
    public long FileTreeBytes { get; init; } = 1L << 30;

    /// <summary>Names, link targets, extended attributes and maps of sparse files in one EROFS image, in bytes. 256 MiB; they are kept in
    /// memory until the image is complete, besides about 120 bytes for each entry.</summary>
    public int ErofsMetadataBytes { get; init; } = 256 << 20;

    /// <summary>A manifest or index, in bytes. 4 MiB, as in the reference registry, docker/distribution.</summary>
    public int ManifestBytes { get; init; } = 4 << 20;

    /// <summary>An image's config, in bytes. 8 MiB; real ones take a few kilobytes.</summary>
    public int ConfigBytes { get; init; } = 8 << 20;

    /// <summary>Manifests of one copy: the members of an index, their referrers, and so on.</summary>
    public int CopiedManifests { get; init; } = 10_000;

    /// <summary>How deep indexes and referrers may lie one inside the other in one copy.</summary>
    public int ManifestDepth { get; init; } = 8;

    /// <summary>Blobs of one copy, in bytes. 16 TiB.</summary>
    public long CopiedBytes { get; init; } = 16L << 40;

    /// <summary>Members of an image archive, and documents buffered from one that is read from a pipe. An image of 125 layers has
    /// 400 members.</summary>
    public int ArchiveMembers { get; init; } = 100_000;

    /// <summary>All documents together that are buffered from an archive read from a pipe, in bytes. 64 MiB.</summary>
    public long ArchiveDocumentBytes { get; init; } = 64 << 20;

    /// <summary>A registry's response that holds a list (tags, repositories, referrers) or a token, in bytes. 16 MiB: the reference
    /// registry returns all tags at once.</summary>
    public int RegistryAnswerBytes { get; init; } = 16 << 20;

    /// <summary>Pages of one list. Each page names the next one, so a registry could go on for ever.</summary>
    public int RegistryPages { get; init; } = 100_000;
}
