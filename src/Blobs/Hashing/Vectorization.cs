namespace Blobs.Hashing;

/// <summary>Whether algorithms may use vector instructions. <c>BLOBS_KERNEL=scalar</c> forbids it, for tests of the scalar
/// code.</summary>
internal static class Vectorization
{
    public static readonly bool IsAllowed = Environment.GetEnvironmentVariable("BLOBS_KERNEL") != "scalar";
}
