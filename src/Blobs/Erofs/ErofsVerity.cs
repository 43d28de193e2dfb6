namespace Blobs.Erofs;

/// <summary>The dm-verity hash tree behind an EROFS image, with which Linux checks every block as it is read: SHA-256 with a salt of 32
/// zero bytes, over blocks of the image's block size. <c>veritysetup</c> and containerd read it.</summary>
public sealed record ErofsVerity
{
    /// <summary>What follows the name of an image in the name of the file in which containerd looks for <see cref="ToJson"/>.</summary>
    public const string FileSuffix = ".dmverity";

    /// <summary>The hash of the tree's root in hexadecimal digits. Who trusts it can trust the image.</summary>
    public required string RootHash { get; init; }

    /// <summary>Where the tree's superblock lies in the file, which is where the image ends.</summary>
    public required long HashOffset { get; init; }

    /// <summary>Bytes of the superblock and the tree.</summary>
    public required long Bytes { get; init; }

    /// <summary>Root hash and offset as containerd's EROFS snapshotter reads them. While such a file is beside an image, containerd
    /// mounts the image through dm-verity only.</summary>
    public string ToJson() => $$"""{"roothash":"{{RootHash}}","hashoffset":{{HashOffset}}}""";
}
