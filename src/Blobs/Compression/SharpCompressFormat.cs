using Blobs.Errors;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;

namespace Blobs.Compression;

/// <summary>A format that SharpCompress decodes, one stream at a time. The caller looks at what follows a stream.</summary>
internal sealed class SharpCompressFormat
{
    private readonly byte[] _magic;

    private SharpCompressFormat(string name, byte[] magic, Fault fault, bool mayPad)
    {
        Name = name;
        _magic = magic;
        Fault = fault;
        MayPad = mayPad;
    }

    public static SharpCompressFormat Bzip2 { get; } = new("bzip2", [.. "BZh"u8], Fault.Bzip2Stream, mayPad: false);

    /// <summary>The .xz file format, which allows zero bytes between streams.</summary>
    public static SharpCompressFormat Xz { get; } = new("xz", [0xfd, .. "7zXZ\0"u8], Fault.XzStream, mayPad: true);

    public string Name { get; }

    public ReadOnlySpan<byte> Magic => _magic;

    public Fault Fault { get; }

    /// <summary>Whether the format allows zero bytes between streams.</summary>
    public bool MayPad { get; }

    public Stream Open(Stream source) => this == Xz
        ? new XZStream(source)
        : BZip2Stream.Create(source, CompressionMode.Decompress, decompressConcatenated: false);

    /// <summary>Creates a checker that sees the bytes of a stream before the library does; null if the format needs none.</summary>
    public XzStreamChecker? CreateChecker(Limits limits) => this == Xz ? new XzStreamChecker(limits) : null;
}
