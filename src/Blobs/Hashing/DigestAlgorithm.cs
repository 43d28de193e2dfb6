namespace Blobs.Hashing;

/// <summary>The algorithms that the OCI image-spec registers for digests.</summary>
public enum DigestAlgorithm
{
    /// <summary>SHA-256, which everybody writes.</summary>
    Sha256 = 0,

    /// <summary>SHA-512, which the specification allows.</summary>
    Sha512,
}
