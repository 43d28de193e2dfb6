using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>A layer that was written out.</summary>
public sealed record EncodedLayer
{
    /// <summary>Digest of the bytes as they went out, compressed or not.</summary>
    public required Digest Digest { get; init; }

    /// <summary>How many those are.</summary>
    public required long Length { get; init; }

    /// <summary>Digest of the tar.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>Bytes of the tar.</summary>
    public required long TarLength { get; init; }
}
