using Blobs.Distribution.Client;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Options for loading images.</summary>
public sealed record LoadOptions
{
    /// <summary>Which image of several under one name; the one for this machine when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Fetches foreign layers of an OCI layout from the URLs in their descriptors, without credentials; null
    /// to fetch nothing.</summary>
    public RegistryClient? Client { get; init; }
}
