using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Hashing;

namespace Blobs.Distribution.Images;

/// <summary>What spares a push work: which blobs are known to hold a layer, and which of them are kept on this disk. It learns what the
/// push finds out. Calls come from several threads.</summary>
public interface IBlobHistory
{
    /// <summary>Blobs that were kept as they once came.</summary>
    BlobDirectory Kept { get; }

    /// <summary>Says, before anything else, with which credentials the registry is asked.</summary>
    /// <param name="credentials">The credentials; null for none.</param>
    void Begin(RegistryCredentials? credentials);

    /// <summary>Blobs that hold a layer, in the order in which they are worth a try.</summary>
    /// <param name="layer">The layer.</param>
    IReadOnlyList<KnownBlob> SourcesOf(DiffId layer);

    /// <summary>Learns that the repository pushed to has a blob that holds a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="blob">The blob's digest.</param>
    void Note(DiffId layer, Digest blob);
}
