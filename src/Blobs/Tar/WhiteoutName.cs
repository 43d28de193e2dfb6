namespace Blobs.Tar;

/// <summary>Names of whiteouts, the entries that delete something from lower layers (OCI image-spec, layer.md,
/// "Whiteouts").</summary>
public static class WhiteoutName
{
    /// <summary>Prefix of the deleted name.</summary>
    public static ReadOnlySpan<byte> Prefix => ".wh."u8;

    /// <summary>Opaque whiteout: hides everything that lower layers have in the directory.</summary>
    public static ReadOnlySpan<byte> Opaque => ".wh..wh..opq"u8;

    /// <summary>Prefix of AUFS's own metadata in the root of a layer.</summary>
    public static ReadOnlySpan<byte> Metadata => ".wh..wh."u8;
}
