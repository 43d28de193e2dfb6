using Blobs.Errors;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;

namespace Blobs.Compression;

/// <summary>A format that SharpCompress decodes. One stream at a time: what follows it is for the caller to look at.</summary>
internal sealed class LibraryFormat
{
    private readonly byte[] _magic;

    private LibraryFormat(string name, byte[] magic, Fault fault, bool mayPad)
    {
        Name = name;
        _magic = magic;
        Fault = fault;
        MayPad = mayPad;
    }

    public static LibraryFormat Bzip2 { get; } = new("bzip2", [.. "BZh"u8], Fault.Bzip2Stream, mayPad: false);

    /// <summary>The .xz file format: between streams zeros may stand.</summary>
    public static LibraryFormat Xz { get; } = new("xz", [0xfd, .. "7zXZ\0"u8], Fault.XzStream, mayPad: true);

    public string Name { get; }

    public ReadOnlySpan<byte> Magic => _magic;

    public Fault Fault { get; }

    /// <summary>Whether another stream may follow behind zeros.</summary>
    public bool MayPad { get; }

    public Stream Open(Stream source) => this == Xz
        ? new XZStream(source)
        : BZip2Stream.Create(source, CompressionMode.Decompress, decompressConcatenated: false);

    /// <summary>What looks at a stream's demands before the library does.</summary>
    public XzBlocks? Watch(Limits limits) => this == Xz ? new XzBlocks(limits) : null;
}
