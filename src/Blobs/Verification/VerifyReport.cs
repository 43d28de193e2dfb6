namespace Blobs.Verification;

/// <summary>What a verification read, found, could not read, and did not look at.</summary>
public sealed record VerifyReport
{
    /// <summary>Blobs, documents and files of layers that were read.</summary>
    public required long Files { get; init; }

    /// <summary>Bytes that were hashed: of blobs and documents, and of the layers' tars.</summary>
    public required long Bytes { get; init; }

    /// <summary>Layers and blobs that an earlier run had found right, and this one did not read.</summary>
    public required int Resumed { get; init; }

    /// <summary>What is wrong, in the order of paths; empty when all is well.</summary>
    public required IReadOnlyList<VerifyFinding> Findings { get; init; }

    /// <summary>What could not be read, in the order of paths: it may be right or wrong. The store is right only when this is empty
    /// too.</summary>
    public required IReadOnlyList<VerifyFailure> Failures { get; init; }

    /// <summary>What was not judged, in the order of paths.</summary>
    public required IReadOnlyList<UnreadPath> Unread { get; init; }
}
