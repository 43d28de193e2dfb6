namespace Blobs.Transfer;

/// <summary>How hard a push looks for a blob before it sends it; the figures are those of dockerd 20.10.</summary>
/// <param name="Mounts">Mounts that are tried.</param>
/// <param name="Looks">Blobs that are asked for.</param>
/// <param name="LooksEverywhere">Whether blobs count that were seen in other repositories only.</param>
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
