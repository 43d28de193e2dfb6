using Blobs.Distribution.Client;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Which images of an archive are loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>Which image of several under one name; this machine's when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Fetches layers that an OCI layout does not hold from the addresses in their descriptors, without any login; null when
    /// nothing is to be fetched.</summary>
    public RegistryClient? Client { get; init; }
}
