using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Options for pulling an image.</summary>
public sealed record PullOptions
{
    /// <summary>Which image of an index; the one for this machine when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Maximum number of layers fetched and unpacked in parallel; a number that suits the machine when
    /// null.</summary>
    public int? LayersAtOnce { get; init; }

    /// <summary>Whether to keep the layers' blobs: a push then sends them unchanged, and an interrupted pull resumes in
    /// the middle of a layer.</summary>
    public bool KeepBlobs { get; init; }
}
