using Blobs.Errors;

namespace Blobs.Verification;

/// <summary>Options for verifying a store.</summary>
public sealed record VerifyOptions
{
    /// <summary>Number of parallel jobs; the number of processors when null.</summary>
    public int? Jobs { get; init; }

    /// <summary>A file that records each layer and blob found right, so that an interrupted run can be resumed; none
    /// when null.</summary>
    public string? StateFile { get; init; }

    /// <summary>Receives the number of bytes hashed, now and then, on any thread.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Limits on documents.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
