using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>How an image is pulled.</summary>
public sealed record PullOptions
{
    /// <summary>Which image of an index; this machine's when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Layers that are fetched and unpacked side by side, at most; as many as suit the machine when null.</summary>
    public int? LayersAtOnce { get; init; }

    /// <summary>Whether to keep the layers' blobs as they came: a push then sends those very bytes, and a pull that was
    /// interrupted goes on in the middle of a layer.</summary>
    public bool KeepBlobs { get; init; }
}
