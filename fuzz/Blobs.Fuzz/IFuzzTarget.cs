namespace Blobs.Fuzz;

/// <summary>
/// One parser and what must hold of it for any input at all. A child of <see cref="Errors.BlobsException"/> is an answer; whatever else
/// comes out of <see cref="Run"/> is a finding.
/// </summary>
internal interface IFuzzTarget
{
    /// <summary>Also the name of its corpus and its dictionary.</summary>
    string Name { get; }

    /// <summary>Whether inputs are JSON, so that whole values are worth changing.</summary>
    bool IsJson => false;

    void Run(ReadOnlySpan<byte> input);
}
