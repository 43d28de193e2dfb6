namespace Blobs.Hashing;

/// <summary>Selects the code path of vectorized algorithms: <c>BLOBS_KERNEL=scalar</c> forces the scalar one, for tests.</summary>
internal static class Kernel
{
    public static readonly bool IsVectorAllowed = Environment.GetEnvironmentVariable("BLOBS_KERNEL") != "scalar";
}
