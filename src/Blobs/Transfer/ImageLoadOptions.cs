using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Which images of an archive are loaded.</summary>
public sealed record ImageLoadOptions
{
    /// <summary>Which image of several under one name; this machine's when null.</summary>
    public Platform? Platform { get; init; }
}
