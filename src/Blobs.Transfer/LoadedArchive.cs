using Blobs.Images;

namespace Blobs.Transfer;

/// <summary>What was loaded of an archive.</summary>
/// <param name="Images">All images of the archive.</param>
/// <param name="Taken">Those that the target now has, without intermediate ones.</param>
internal sealed record LoadedArchive(IReadOnlyList<ArchivedImage> Images, IReadOnlyList<TakenImage> Taken);
