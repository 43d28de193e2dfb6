using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>A member of an archive of images.</summary>
/// <param name="Name">Its name, cleaned as below a root: see <see cref="ArchiveName"/>.</param>
/// <param name="Type">What it is.</param>
/// <param name="Target">The name a link leads to, cleaned; empty for everything else.</param>
/// <param name="Offset">Where its content begins in the archive.</param>
/// <param name="StoredLength">Bytes of content in the archive.</param>
/// <param name="Length">Bytes of the file: more, when it is stored without its holes.</param>
internal sealed record ArchiveMember(string Name, TarEntryType Type, string Target, long Offset, long StoredLength, long Length)
{
    public bool IsLink => Type is TarEntryType.SymbolicLink or TarEntryType.HardLink;

    public bool IsFile => Type is TarEntryType.File or TarEntryType.ContiguousFile or TarEntryType.GnuSparse;

    /// <summary>Where the stored runs belong, when it is stored without its holes (as bsdtar on macOS does, and GNU tar when asked); else
    /// null.</summary>
    public IReadOnlyList<SparseChunk>? Runs { get; init; }

    /// <summary>The file, from what is stored of it.</summary>
    public Stream Content(Stream stored) => Runs is null ? stored : new SparseStream(stored, Runs, Length);
}
