namespace Blobs.Errors;

/// <summary>Every way in which input can be malformed, grouped by format.</summary>
public enum Fault
{
    /// <summary>No fault.</summary>
    None = 0,

    // Compression: the shell around the codec.

    /// <summary>A format that is known but not supported, such as lz4.</summary>
    UnsupportedCompression = 100,

    /// <summary>The stream ends before its format says so.</summary>
    TruncatedStream,

    /// <summary>Bytes after the end that are not padding.</summary>
    TrailingData,

    // gzip (RFC 1952).

    /// <summary>A gzip member with a wrong magic number, method or reserved flag.</summary>
    GzipHeader = 200,

    /// <summary>The CRC-16 of a gzip header differs.</summary>
    GzipHeaderChecksum,

    /// <summary>The CRC-32 of a gzip member differs.</summary>
    GzipChecksum,

    /// <summary>The length field of a gzip member differs.</summary>
    GzipLength,

    // DEFLATE (RFC 1951).

    /// <summary>Block type 3.</summary>
    DeflateBlockType = 300,

    /// <summary>A stored block whose length and complement differ.</summary>
    DeflateStoredLength,

    /// <summary>A Huffman code that is over-subscribed, incomplete, or lacks the end-of-block symbol.</summary>
    DeflateCode,

    /// <summary>More literal, length or distance symbols than exist.</summary>
    DeflateSymbolCount,

    /// <summary>A length repeat with nothing to repeat, or past the end of the list.</summary>
    DeflateRepeat,

    /// <summary>A symbol that stands for nothing.</summary>
    DeflateSymbol,

    /// <summary>A distance that reaches before the first byte of the output.</summary>
    DeflateDistance,

    // zstd (RFC 8878).

    /// <summary>A zstd frame that its decoder refuses.</summary>
    ZstdFrame = 400,

    /// <summary>The checksum of a zstd frame differs.</summary>
    ZstdChecksum,

    // bzip2, and the .xz file format.

    /// <summary>A bzip2 stream that its decoder refuses, or whose checksum differs.</summary>
    Bzip2Stream = 450,

    /// <summary>An xz stream that its decoder refuses, or whose checksum differs.</summary>
    XzStream,

    // tar (POSIX pax, GNU tar).

    /// <summary>A header block whose checksum matches neither the unsigned nor the signed sum.</summary>
    TarChecksum = 500,

    /// <summary>A number that is neither octal nor base-256, or out of range.</summary>
    TarNumber,

    /// <summary>A size below zero.</summary>
    TarSize,

    /// <summary>A pax record that does not parse.</summary>
    TarPaxRecord,

    /// <summary>A sparse map that does not parse, overlaps, or leaves the file.</summary>
    TarSparseMap,

    /// <summary>One zero block followed by a block that is not zero.</summary>
    TarLoneZeroBlock,

    /// <summary>The archive ends inside a header or a payload.</summary>
    TarTruncated,

    // tar-split.

    /// <summary>A line that is not the JSON object it should be.</summary>
    TarSplitSyntax = 600,

    /// <summary>Two entries whose cleaned names are the same, and that are not both directories.</summary>
    DuplicateName,

    /// <summary>The content of a file has another CRC-64 than was recorded.</summary>
    TarSplitChecksum,

    // Layers.

    /// <summary>A name that cannot be an entry of a layer, such as an empty one or one with a NUL.</summary>
    EntryName = 700,

    /// <summary>A member type that no engine unpacks.</summary>
    EntryType,

    /// <summary>A hard link to something that is not there.</summary>
    LinkTarget,

    /// <summary>An entry below something that is not a directory.</summary>
    EntryParent,

    /// <summary>A whiteout that names nothing, itself or its parent, or clashes with an entry of its own layer.</summary>
    Whiteout,

    /// <summary>An entry that removes another one of the same layer, whose bytes would be lost.</summary>
    EntryReplaced,

    /// <summary>An owner or group outside of what the kernel can hold.</summary>
    EntryOwner,

    // Text forms.

    /// <summary>A digest that does not parse.</summary>
    DigestSyntax = 800,

    /// <summary>An image name that does not parse.</summary>
    ReferenceSyntax,

    // Documents of images.

    /// <summary>A manifest or index that does not parse, or makes no sense.</summary>
    ManifestSyntax = 900,

    /// <summary>An image config that does not parse, or makes no sense.</summary>
    ConfigSyntax,

    /// <summary>An archive or layout of images that lacks a file it names, or a document that would name them.</summary>
    ImageArchive,

    /// <summary>A document of an engine's root, such as a container's or the table of names, that does not parse.</summary>
    RootDocument,

    // Registries.

    /// <summary>An answer of a registry, or of its token server, that does not parse or makes no sense.</summary>
    RegistryAnswer = 1000,

    /// <summary>A file with credentials, or the answer of a program that keeps them, that does not parse.</summary>
    CredentialSyntax,

    /// <summary>A file of certificates in PEM form that has none, or a damaged one.</summary>
    CertificateSyntax,

    // Databases of engines.

    /// <summary>A bbolt database of a version that is not known, or with a page, key or value that is not as it should be.</summary>
    BoltDatabase = 1100,
}
