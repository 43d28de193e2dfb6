namespace Blobs.Tar;

/// <summary>
/// Takes the parts of an archive in stream order. Every byte of the archive arrives exactly once, either as framing
/// or as payload, so a sink that writes both down in order has the archive again.
/// </summary>
/// <remarks>Called from one thread at a time. Spans, and the entry itself, are valid only during the call.</remarks>
public interface ITarSink
{
    /// <summary>
    /// Bytes that are not payload: headers, extension members with their data, sparse maps, padding, the end
    /// marker, and whatever follows it. Those of an entry's own header arrive before <see cref="Entry"/>; the padding
    /// behind a payload arrives after <see cref="EndEntry"/>. May be cut anywhere.
    /// </summary>
    void Framing(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>An entry begins; <see cref="TarEntry.StoredBytes"/> bytes of payload follow.</summary>
    void Entry(TarEntry entry);

    /// <summary>The next bytes of the payload as stored in the archive, never empty. For a sparse entry these are the
    /// runs of <see cref="TarEntry.SparseMap"/>, one after another.</summary>
    void Payload(ReadOnlySpan<byte> bytes);

    /// <summary>The payload is complete. Called once for each <see cref="Entry"/>, also without payload.</summary>
    void EndEntry();

    /// <summary>The end marker has passed, or the stream ended without one. Framing after this call is the tail.</summary>
    void EndOfArchive()
    {
    }
}
