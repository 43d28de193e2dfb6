namespace Blobs.Errors;

/// <summary>
/// What input may demand before it is refused. Every length read from a stream meets one of these before it
/// sizes anything.
/// </summary>
public sealed record Limits
{
    /// <summary>The documented defaults.</summary>
    public static Limits Default { get; } = new();

    /// <summary>Data of one extension member (pax records, GNU long name or link, a sparse map), in bytes.
    /// 1 MiB, as in Go's archive/tar and so in every engine.</summary>
    public int ExtensionBytes { get; init; } = 1 << 20;

    /// <summary>All bytes between one payload and the next (extension members, header, padding), in bytes.</summary>
    public int FramingBytes { get; init; } = 8 << 20;

    /// <summary>Entries of one archive. Detecting duplicate names costs 32 bytes of memory an entry, and of a directory 64.</summary>
    public int Entries { get; init; } = 8_000_000;

    /// <summary>Name or link target of one entry, in bytes. What an archive may say; the kernel takes 4,096.</summary>
    public int NameBytes { get; init; } = 1 << 20;

    /// <summary>Components of one name.</summary>
    public int PathDepth { get; init; } = 512;

    /// <summary>Uncompressed bytes of one stream. 1 TiB.</summary>
    public long UncompressedBytes { get; init; } = 1L << 40;

    /// <summary>Uncompressed bytes per compressed byte, checked once more than 64 MiB came out. Deflate cannot
    /// exceed 1,032; zstd can, and a zstd stream of zeros does so honestly.</summary>
    public int ExpansionRatio { get; init; } = 100_000;

    /// <summary>Window of a zstd frame, in bytes. 128 MiB is what <c>zstd -d</c> accepts without a flag; it is
    /// memory the decoder really takes, so services may want 8 MiB.</summary>
    public long ZstdWindowBytes { get; init; } = 128L << 20;

    /// <summary>Window of an xz block, in bytes. 128 MiB; <c>xz -9</c> asks for 64. It is memory the decoder really takes.</summary>
    public long XzWindowBytes { get; init; } = 128L << 20;

    /// <summary>Time for one layer, from its first byte to its last, in seconds. A day: who sends slower than that, or nothing, holds a
    /// connection and a directory for it.</summary>
    public int LayerSeconds { get; init; } = 86_400;

    /// <summary>Length of one JSON line of a tar-split stream, in bytes. A full 1 MiB segment takes 1.4 MB;
    /// engines up to 17.10 wrote the whole tail as one line.</summary>
    public int TarSplitLineBytes { get; init; } = 64 << 20;

    /// <summary>A manifest or index, in bytes. 4 MiB, as in the reference registry.</summary>
    public int ManifestBytes { get; init; } = 4 << 20;

    /// <summary>An image's config, in bytes. 8 MiB; real ones have some kilobytes.</summary>
    public int ConfigBytes { get; init; } = 8 << 20;

    /// <summary>Members of an image archive, and documents kept of one that is read from a pipe. An image of 125 layers has 400.</summary>
    public int ArchiveMembers { get; init; } = 100_000;

    /// <summary>All documents together that are kept of an archive read from a pipe, in bytes. 64 MiB.</summary>
    public long ArchiveDocumentBytes { get; init; } = 64 << 20;

    /// <summary>A list that a registry answers with (tags, repositories, referrers) or a token, in bytes. 16 MiB: the reference
    /// registry gives all tags at once.</summary>
    public int RegistryAnswerBytes { get; init; } = 16 << 20;

    /// <summary>Pages of one list. Each is asked for with the next address that the registry gave.</summary>
    public int RegistryPages { get; init; } = 100_000;
}
