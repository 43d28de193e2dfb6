namespace Blobs.TarSplit;

/// <summary>The unpacked tree, seen as the content of its regular files. One file is open at a time.</summary>
internal interface IFileSource
{
    /// <summary>Opens the regular file with this name, as it stands in the archive. Never leaves the tree, never follows a
    /// link at the end of the name.</summary>
    void Open(ReadOnlySpan<byte> name);

    /// <summary>Reads the next bytes of the open file; 0 at its end.</summary>
    int Read(Span<byte> target);
}
