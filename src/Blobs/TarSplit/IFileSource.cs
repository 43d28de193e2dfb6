namespace Blobs.TarSplit;

/// <summary>Gives <see cref="TarReplayer"/> the content of the regular files of an unpacked tree. One file is open at a time.</summary>
public interface IFileSource
{
    /// <summary>Opens a regular file by its name in the archive. Never leaves the tree, and does not follow a symbolic link in the last
    /// component.</summary>
    void Open(ReadOnlySpan<byte> name);

    /// <summary>Reads the next bytes of the open file; 0 at its end.</summary>
    int Read(Span<byte> target);
}
