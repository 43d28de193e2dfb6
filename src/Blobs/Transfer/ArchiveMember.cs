using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>A member of an archive of images.</summary>
/// <param name="Name">Its name, cleaned as below a root: see <see cref="ArchiveName"/>.</param>
/// <param name="Type">What it is.</param>
/// <param name="Target">The name a link leads to, cleaned; empty for everything else.</param>
/// <param name="Offset">Where its content begins in the archive.</param>
/// <param name="Length">Bytes of content.</param>
/// <param name="IsSparse">Whether its content is cut into runs: nobody keeps a layer so.</param>
internal sealed record ArchiveMember(string Name, TarEntryType Type, string Target, long Offset, long Length, bool IsSparse)
{
    public bool IsLink => Type is TarEntryType.SymbolicLink or TarEntryType.HardLink;
}
