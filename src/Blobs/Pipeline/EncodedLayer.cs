using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>Digests and lengths of a layer that was written out.</summary>
public sealed record EncodedLayer
{
    /// <summary>Digest of the written bytes, compressed or not.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Number of bytes written.</summary>
    public required long Length { get; init; }

    /// <summary>Digest of the tar.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>Bytes of the tar.</summary>
    public required long TarLength { get; init; }
}
