namespace Blobs.Tar;

/// <summary>How a layer's tar says that something is gone (OCI image-spec, layer.md, "Whiteouts").</summary>
internal static class WhiteoutName
{
    /// <summary>Stands in front of the name that is gone.</summary>
    public static ReadOnlySpan<byte> Prefix => ".wh."u8;

    /// <summary>Hides all that lower layers have in the directory.</summary>
    public static ReadOnlySpan<byte> Opaque => ".wh..wh..opq"u8;

    /// <summary>At the root, AUFS's own bookkeeping begins so.</summary>
    public static ReadOnlySpan<byte> Metadata => ".wh..wh."u8;
}
