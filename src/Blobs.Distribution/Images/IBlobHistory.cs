using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Hashing;

namespace Blobs.Distribution.Images;

/// <summary>Records that make a push cheaper: which blobs are known to contain a layer, and which of them are kept on
/// local disk. A push adds what it learns. Calls may come from several threads.</summary>
public interface IBlobHistory
{
    /// <summary>Blobs that are kept as they were received.</summary>
    BlobDirectory Kept { get; }

    /// <summary>Sets the credentials for the registry. It is called before any other method.</summary>
    /// <param name="credentials">The credentials; null for none.</param>
    void Begin(RegistryCredentials? credentials);

    /// <summary>Returns blobs that contain a layer, in the order in which to try them.</summary>
    /// <param name="layer">The layer.</param>
    IReadOnlyList<KnownBlob> SourcesOf(DiffId layer);

    /// <summary>Records that the target repository has a blob that contains a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="blob">The blob's digest.</param>
    void Note(DiffId layer, Digest blob);
}
