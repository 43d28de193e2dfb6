using Blobs.Errors;

namespace Blobs.Images;

/// <summary>How the file system of an image is read.</summary>
public sealed record ImageReadOptions
{
    /// <summary>Whether to compute the digest of every file's content.</summary>
    public bool HashesContent { get; init; }

    /// <summary>Whether to read a layer that has been begun to its end, so that its digests are verified. Otherwise
    /// reading stops as soon as everything asked for is known, and what was read of the last layer is not
    /// verified.</summary>
    public bool ReadsToEnd { get; init; }

    /// <summary>Receives the progress of every layer, on the working threads.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }

    /// <summary>Limits on the input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
