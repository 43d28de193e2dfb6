using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>
/// The files of an archive or a layout by name: of a folder, of a seekable tar, or the documents of a streamed one.
/// Names are those of <see cref="ArchiveName"/>.
/// </summary>
internal interface IArchiveFiles : IDisposable
{
    /// <summary>Its name in errors.</summary>
    string Origin { get; }

    /// <summary>The top-level directories of an archive; none for a folder.</summary>
    IEnumerable<string> Directories => [];

    /// <summary>The DiffID of a layer that was streamed; null when it can be opened instead, or does not
    /// exist.</summary>
    DiffId? SeenLayer(string name) => null;

    /// <summary>Opens a file; null when there is none of that name. Links are followed, but never out of the
    /// archive.</summary>
    Stream? TryOpen(string name, out long length);
}
