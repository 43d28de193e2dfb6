namespace Blobs.Files;

/// <summary>A file that is written out of sight and appears under its name at once, complete and on disk.</summary>
internal static class AtomicFile
{
    /// <summary>Moves a file that was flushed to disk to its name, and flushes the directory, so that the name is on disk too.</summary>
    public static void Publish(string source, string target)
    {
        File.Move(source, target, overwrite: true);
        string parent = Path.GetDirectoryName(target)!;
        using DirectoryHandle directory = DirectoryHandle.Open(parent);
        int errno = Errno.Of(Syscalls.Sync(directory.Handle));
        if (errno is not (Errno.None or Errno.Invalid))
        {
            throw Errno.Error("fsync", errno, parent);
        }
    }
}
