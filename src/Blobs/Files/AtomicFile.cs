using System.Security.Cryptography;

namespace Blobs.Files;

/// <summary>A file that is written out of sight and appears under its name at once, complete and on disk.</summary>
internal static class AtomicFile
{
    private const string Prefix = ".tmp-";

    /// <summary>Files in a directory that never became whole, of ours and of Go programs.</summary>
    public static IEnumerable<string> UnfinishedIn(string directory) => Directory.EnumerateFiles(directory, $"{Prefix}*");

    /// <summary>Puts a small file in place of whatever has its name, in one step. The name it has until then is one that every reader of
    /// such directories passes over, as Go programs name theirs.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = SmallFile.Readable)
    {
        string number = RandomNumberGenerator.GetString("0123456789", 9);
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $"{Prefix}{Path.GetFileName(path)}{number}");
        try
        {
            using (FileStream file = SmallFile.CreateStream(temporary, mode))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            Publish(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

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
