namespace Blobs.Verification;

/// <summary>Result of a verification.</summary>
public sealed record VerifyReport
{
    /// <summary>Blobs, documents and files of layers that were read.</summary>
    public required long Files { get; init; }

    /// <summary>Bytes that were hashed: of blobs and documents, and of the layers' tars.</summary>
    public required long Bytes { get; init; }

    /// <summary>Layers and blobs that an earlier run found right, so that this one did not read them.</summary>
    public required int Resumed { get; init; }

    /// <summary>Everything found wrong, in the order of paths.</summary>
    public required IReadOnlyList<VerifyFinding> Findings { get; init; }

    /// <summary>Everything that could not be read, in the order of paths. The store is right only when this is empty
    /// too.</summary>
    public required IReadOnlyList<VerifyFailure> Failures { get; init; }

    /// <summary>Everything that was not verified, in the order of paths.</summary>
    public required IReadOnlyList<UnreadPath> Unread { get; init; }
}
