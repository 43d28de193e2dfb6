namespace Blobs.Compression;

/// <summary>How a layer is compressed.</summary>
public enum CompressionKind
{
    /// <summary>Not at all: the bytes are the tar.</summary>
    None = 0,

    /// <summary>gzip, RFC 1952.</summary>
    Gzip,

    /// <summary>Zstandard, RFC 8878.</summary>
    Zstd,

    /// <summary>bzip2. Read only: nobody writes layers so any more.</summary>
    Bzip2,

    /// <summary>xz. Read only, as bzip2.</summary>
    Xz,
}
