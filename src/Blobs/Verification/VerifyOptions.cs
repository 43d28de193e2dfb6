using Blobs.Errors;

namespace Blobs.Verification;

/// <summary>How a store is verified.</summary>
public sealed record VerifyOptions
{
    /// <summary>Layers and blobs at once; as many as there are processors when null.</summary>
    public int? Jobs { get; init; }

    /// <summary>A file that takes note of each layer and blob that was found right, so that a run that is broken off can be gone on
    /// with; none when null.</summary>
    public string? StateFile { get; init; }

    /// <summary>Told how many bytes have been hashed, now and then, from any thread.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>What documents may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
