namespace Blobs.Distribution.Images;

/// <summary>Number of requests that a push makes to find a blob before it sends the layer. The numbers are those of
/// dockerd 20.10.</summary>
/// <param name="Mounts">Number of mounts to try.</param>
/// <param name="Looks">Number of blobs to check.</param>
/// <param name="LooksEverywhere">Whether to check also blobs known only from other repositories.</param>
internal readonly record struct PushEffort(int Mounts, int Looks, bool LooksEverywhere)
{
    private const long SmallBytes = 100 << 10;
    private const long LargeBytes = 10 << 20;

    public static PushEffort For(long? layerBytes) => layerBytes switch
    {
        > LargeBytes => new(4, 3, true),
        null or > SmallBytes => new(3, 1, false),
        _ => new(1, 1, false),
    };
}
