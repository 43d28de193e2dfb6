namespace Blobs.Hashing;

/// <summary>The algorithms that the OCI image-spec registers for digests.</summary>
public enum DigestAlgorithm
{
    /// <summary>SHA-256, which practically every tool writes.</summary>
    Sha256 = 0,

    /// <summary>SHA-512, which the specification also allows.</summary>
    Sha512,
}
