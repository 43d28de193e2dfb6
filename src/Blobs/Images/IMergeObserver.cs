using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Watches what a layer adds to the merged tree, on the thread of the pass.</summary>
internal interface IMergeObserver
{
    /// <summary>Whether nothing more needs to be read.</summary>
    bool IsDone { get; }

    /// <summary>A layer has a file.</summary>
    /// <param name="raw">The entry in the tar.</param>
    /// <param name="file">The file; shared by hard links.</param>
    /// <param name="entry">Its entry in the tree; null when a higher layer hides it.</param>
    /// <param name="path">Its path in the layer, without links.</param>
    /// <returns>Whether the observer wants the content.</returns>
    bool Begin(TarEntry raw, ImageFile file, ImageEntry? entry, ReadOnlySpan<byte> path);

    /// <summary>The next bytes of the content, with the holes filled.</summary>
    void Content(ReadOnlySpan<byte> bytes);

    /// <summary>The content is complete.</summary>
    void End();
}
