namespace Blobs.Compression;

/// <summary>
/// Told where DEFLATE blocks begin: with the bit position and the window, decoding can start there. What an index for reading from the
/// middle of a layer is made of.
/// </summary>
internal interface IBlockObserver
{
    /// <summary>A block begins.</summary>
    /// <param name="inputBits">Bits of the DEFLATE stream before it, which is where its header starts.</param>
    /// <param name="outputBytes">Plain bytes before it.</param>
    /// <param name="window">The last of these, at most <see cref="Inflater.WindowBytes"/>; valid during the call.</param>
    void BlockBegins(long inputBits, long outputBytes, ReadOnlySpan<byte> window);
}
