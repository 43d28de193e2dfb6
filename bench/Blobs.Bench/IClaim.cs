namespace Blobs.Bench;

/// <summary>One claim of bench/README.md: methods that do the same work and must return the same check value.</summary>
public interface IClaim
{
    /// <summary>Uncompressed bytes that one call processes.</summary>
    long Bytes { get; }

    void Setup();
}
