namespace Blobs.Compression;

/// <summary>The compression of a layer.</summary>
public enum CompressionKind
{
    /// <summary>No compression: the bytes are the tar.</summary>
    None = 0,

    /// <summary>gzip, RFC 1952.</summary>
    Gzip,

    /// <summary>Zstandard, RFC 8878.</summary>
    Zstd,

    /// <summary>bzip2. Only for reading: no tool writes such layers any more.</summary>
    Bzip2,

    /// <summary>xz. Only for reading, like bzip2.</summary>
    Xz,
}
