using Blobs.Errors.Internal;
using Blobs.Images;
using Blobs.Tar;

namespace Blobs.Cli.Contents;

/// <summary>A file of an image in JSON. Bytes of names that are not UTF-8 are escaped as <c>\xNN</c>.</summary>
internal sealed record FileReport
{
    public required string Path { get; init; }

    public required string Type { get; init; }

    /// <summary>Permission, set-id and sticky bits, in octal.</summary>
    public required string Mode { get; init; }

    public required long Uid { get; init; }

    public required long Gid { get; init; }

    public required long Size { get; init; }

    public required string? Modified { get; init; }

    /// <summary>Target of a symbolic link.</summary>
    public required string? Target { get; init; }

    /// <summary>Number of names that it has.</summary>
    public required int Links { get; init; }

    /// <summary>Index of its layer; 0 is the base. Null for a directory that no layer describes.</summary>
    public required int? Layer { get; init; }

    /// <summary>Digest of the content, where it was computed.</summary>
    public required string? Digest { get; init; }

    public static FileReport From(ImageEntry entry) => new()
    {
        Path = FileText.PathOf(entry),
        Type = FileText.TypeOf(entry.File),
        Mode = FileText.OctalOf(entry.File),
        Uid = entry.File.Uid,
        Gid = entry.File.Gid,
        Size = entry.File.Size,
        Modified = FileText.IsoTimeOf(entry.File),
        Target = entry.File.Type == TarEntryType.SymbolicLink ? Printable.Escape(entry.File.LinkTarget.Span) : null,
        Links = entry.File.LinkCount,
        Layer = entry.File.IsImplied ? null : entry.File.Layer,
        Digest = entry.File.Content?.ToString(),
    };
}
