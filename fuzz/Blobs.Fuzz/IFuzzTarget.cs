namespace Blobs.Fuzz;

/// <summary>
/// A parser and the properties that must hold for any input. A <see cref="Errors.BlobsException"/> is a valid outcome;
/// any other exception from <see cref="Run"/> is a finding.
/// </summary>
internal interface IFuzzTarget
{
    /// <summary>The name of the target, its corpus and its dictionary.</summary>
    string Name { get; }

    /// <summary>Whether inputs are JSON, so that the mutator also changes whole values.</summary>
    bool IsJson => false;

    void Run(ReadOnlySpan<byte> input);
}
