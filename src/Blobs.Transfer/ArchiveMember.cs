using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>A member of an image archive.</summary>
/// <param name="Name">Its cleaned name: see <see cref="ArchiveName"/>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Target">The cleaned name of a link's target; empty for everything else.</param>
/// <param name="Offset">Offset of its content in the archive.</param>
/// <param name="StoredLength">Bytes of content in the archive.</param>
/// <param name="Length">Bytes of the file: more than stored when it is sparse.</param>
internal sealed record ArchiveMember(string Name, TarEntryType Type, string Target, long Offset, long StoredLength, long Length)
{
    public bool IsLink => Type is TarEntryType.SymbolicLink or TarEntryType.HardLink;

    public bool IsFile => Type is TarEntryType.File or TarEntryType.ContiguousFile or TarEntryType.GnuSparse;

    /// <summary>The data chunks of a sparse file (which bsdtar writes on macOS, and GNU tar on request); null for
    /// others.</summary>
    public IReadOnlyList<SparseChunk>? Runs { get; init; }

    /// <summary>The file's content, from its stored bytes.</summary>
    public Stream Content(Stream stored) => Runs is null ? stored : new SparseStream(stored, Runs, Length);
}
