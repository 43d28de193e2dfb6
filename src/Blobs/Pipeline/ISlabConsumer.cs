namespace Blobs.Pipeline;

/// <summary>What a <see cref="SlabLane"/> does with the uncompressed bytes, on its own thread.</summary>
internal interface ISlabConsumer
{
    void Consume(ReadOnlySpan<byte> bytes);

    /// <summary>The stream is complete. Not called after a fault.</summary>
    void Complete();
}
