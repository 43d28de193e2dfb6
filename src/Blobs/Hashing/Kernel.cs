namespace Blobs.Hashing;

/// <summary>Which code path the vectorised kernels take: <c>BLOBS_KERNEL=scalar</c> forces the plain one, for tests.</summary>
internal static class Kernel
{
    public static readonly bool IsVectorAllowed = Environment.GetEnvironmentVariable("BLOBS_KERNEL") != "scalar";
}
