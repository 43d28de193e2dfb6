namespace Blobs.Errors;

/// <summary>The rule that malformed input breaks. Values are grouped by format.</summary>
public enum Fault
{
    /// <summary>No fault.</summary>
    None = 0,

    // Compression in general.

    /// <summary>A format that is known but not supported, such as lz4.</summary>
    UnsupportedCompression = 100,

    /// <summary>The stream ends too early.</summary>
    TruncatedStream,

    /// <summary>Bytes after the end of the stream that are not padding.</summary>
    TrailingData,

    // gzip (RFC 1952).

    /// <summary>A gzip member with a wrong magic number, method or reserved flag.</summary>
    GzipHeader = 200,

    /// <summary>A gzip header whose CRC-16 does not match.</summary>
    GzipHeaderChecksum,

    /// <summary>A gzip member whose CRC-32 does not match.</summary>
    GzipChecksum,

    /// <summary>A gzip member whose length field does not match.</summary>
    GzipLength,

    // DEFLATE (RFC 1951).

    /// <summary>A block of type 3, which is reserved.</summary>
    DeflateBlockType = 300,

    /// <summary>A stored block whose length and its complement do not match.</summary>
    DeflateStoredLength,

    /// <summary>A Huffman code that is over-subscribed, incomplete, or lacks the end-of-block symbol.</summary>
    DeflateCode,

    /// <summary>A block that declares more literal, length or distance symbols than exist.</summary>
    DeflateSymbolCount,

    /// <summary>A repeated code length with nothing before it to repeat, or past the end of the list.</summary>
    DeflateRepeat,

    /// <summary>A symbol or code without a meaning.</summary>
    DeflateSymbol,

    /// <summary>A match that reaches back beyond the first byte of the output.</summary>
    DeflateDistance,

    // zstd (RFC 8878).

    /// <summary>A zstd frame that the decoder rejects.</summary>
    ZstdFrame = 400,

    /// <summary>A zstd frame whose checksum does not match.</summary>
    ZstdChecksum,

    // bzip2, and the .xz file format.

    /// <summary>A bzip2 stream that the decoder rejects, or whose checksum does not match.</summary>
    Bzip2Stream = 450,

    /// <summary>An xz stream that the decoder rejects, or whose checksum does not match.</summary>
    XzStream,

    // tar (POSIX pax, GNU tar).

    /// <summary>A header block whose checksum matches neither the unsigned nor the signed sum.</summary>
    TarChecksum = 500,

    /// <summary>A number that is neither octal nor base-256, or out of range.</summary>
    TarNumber,

    /// <summary>A negative size.</summary>
    TarSize,

    /// <summary>A pax record that does not parse.</summary>
    TarPaxRecord,

    /// <summary>A sparse map that does not parse, whose runs overlap, or that reaches past the end of its file.</summary>
    TarSparseMap,

    /// <summary>A single zero block that is followed by a block that is not zero.</summary>
    TarLoneZeroBlock,

    /// <summary>The archive ends inside a header or a payload.</summary>
    TarTruncated,

    // tar-split.

    /// <summary>A recording that is not the JSON which tar-split defines.</summary>
    TarSplitSyntax = 600,

    /// <summary>Two entries with the same cleaned name that are not both directories.</summary>
    DuplicateName,

    /// <summary>A file whose size or CRC-64 differs from the recorded one.</summary>
    TarSplitChecksum,

    // Layers.

    /// <summary>A name that a layer's entry cannot have, such as an empty one or one with a NUL.</summary>
    EntryName = 700,

    /// <summary>An entry of a type that no engine unpacks.</summary>
    EntryType,

    /// <summary>A hard link whose target does not exist.</summary>
    LinkTarget,

    /// <summary>An entry whose parent is not a directory.</summary>
    EntryParent,

    /// <summary>A whiteout that names nothing, itself or its parent, or conflicts with another entry of its layer.</summary>
    Whiteout,

    /// <summary>An entry that would remove another entry of the same layer, whose content would be lost.</summary>
    EntryReplaced,

    /// <summary>An owner or group number outside the kernel's range.</summary>
    EntryOwner,

    /// <summary>An entry that an EROFS image cannot hold, such as one whose extended attributes are too large.</summary>
    ErofsEntry,

    // Digests and names.

    /// <summary>A digest that does not parse.</summary>
    DigestSyntax = 800,

    /// <summary>An image name that does not parse.</summary>
    ReferenceSyntax,

    // Image documents.

    /// <summary>A manifest or index that does not parse or has invalid content.</summary>
    ManifestSyntax = 900,

    /// <summary>An image config that does not parse or has invalid content.</summary>
    ConfigSyntax,

    /// <summary>An image archive or OCI layout without a file that it refers to, or without the document that lists its images.</summary>
    ImageArchive,

    /// <summary>A document of a data root, such as a container's config or the table of image names, that does not parse.</summary>
    RootDocument,

    // Registries.

    /// <summary>A response of a registry, or of its token server, that does not parse or has invalid content.</summary>
    RegistryAnswer = 1000,

    /// <summary>A credentials file, or the output of a credential helper, that does not parse.</summary>
    CredentialSyntax,

    /// <summary>A PEM file without a certificate, or with a damaged one.</summary>
    CertificateSyntax,

    // Databases of engines.

    /// <summary>A bbolt database of an unknown version, or with an invalid page, key or value.</summary>
    BoltDatabase = 1100,

    // Images of file systems.

    /// <summary>An EROFS image that is damaged, or has a form that Blobs does not write.</summary>
    ErofsImage = 1200,
}
