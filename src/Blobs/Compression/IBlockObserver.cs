namespace Blobs.Compression;

/// <summary>
/// Is notified of the start of every DEFLATE block. With the position and the window, decoding can start there, so that an index
/// can allow reading from the middle of a layer.
/// </summary>
internal interface IBlockObserver
{
    /// <summary>A block begins.</summary>
    /// <param name="inputBits">Position of its header: the number of bits of the DEFLATE stream before it.</param>
    /// <param name="outputBytes">Number of uncompressed bytes before it.</param>
    /// <param name="window">The last of those bytes, at most <see cref="Inflater.WindowBytes"/>; valid only during the call.</param>
    void BlockBegins(long inputBits, long outputBytes, ReadOnlySpan<byte> window);
}
