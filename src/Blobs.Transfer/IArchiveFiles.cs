using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>
/// The files of an archive or a layout by name, whatever holds them: a folder, a tar that can be sought in, the documents of one
/// that went by. Names are those of <see cref="ArchiveName"/>.
/// </summary>
internal interface IArchiveFiles : IDisposable
{
    /// <summary>What to call it in errors.</summary>
    string Origin { get; }

    /// <summary>Directories at the top, where somebody may ask for them: those of an archive.</summary>
    IEnumerable<string> Directories => [];

    /// <summary>The DiffID of a layer that went by; null when it can be opened instead, or is not there.</summary>
    DiffId? SeenLayer(string name) => null;

    /// <summary>Opens a file; null when there is none of that name. Links lead to other names and never out.</summary>
    Stream? TryOpen(string name, out long length);
}
