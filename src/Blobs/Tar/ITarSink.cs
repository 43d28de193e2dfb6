namespace Blobs.Tar;

/// <summary>
/// Receives the parts of an archive from <see cref="TarReader"/>, in order. Every byte of the archive arrives exactly once, either as
/// framing or as payload, so a sink that writes down both in order has a copy of the archive.
/// </summary>
/// <remarks>Called from one thread at a time. Spans, and the entry itself, are valid only during the call.</remarks>
public interface ITarSink
{
    /// <summary>
    /// Bytes that are not payload: headers, extension members with their data, sparse maps, padding, the end marker, and everything
    /// after it. An entry's own header arrives before <see cref="Entry"/>, the padding after its payload after
    /// <see cref="EndEntry"/>. The pieces may be of any size.
    /// </summary>
    void Framing(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>An entry begins; <see cref="TarEntry.StoredBytes"/> bytes of payload follow.</summary>
    void Entry(TarEntry entry);

    /// <summary>The next bytes of the payload as stored in the archive; never empty. For a sparse entry they are the runs of
    /// <see cref="TarEntry.SparseMap"/>, one after another.</summary>
    void Payload(ReadOnlySpan<byte> bytes);

    /// <summary>The payload is complete. Called once for each <see cref="Entry"/>, even if there was no payload.</summary>
    void EndEntry();

    /// <summary>The end marker was read, or the stream ended without one. Framing after this call is the archive's tail.</summary>
    void EndOfArchive()
    {
    }
}
