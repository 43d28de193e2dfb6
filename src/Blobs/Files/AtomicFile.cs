using System.Security.Cryptography;
using Blobs.Errors;

namespace Blobs.Files;

/// <summary>A file that is written out of sight and appears under its name at once and complete; on disk, too, unless nobody asked for
/// that.</summary>
internal static class AtomicFile
{
    /// <summary>What names of unfinished files end in; as the reference registry's third version has it.</summary>
    public const string UnfinishedSuffix = ".tmp";

    // What such names begin with in a data root, as Go programs name them: readers pass them over.
    private const string HiddenPrefix = ".tmp-";

    // Enough for whoever removes the directory that we are about to write into, a few times over.
    private const int Attempts = 32;

    /// <summary>Files in a directory that never became whole, of ours and of Go programs.</summary>
    public static IEnumerable<string> UnfinishedIn(string directory) => DirectoryList.Files(directory, $"{HiddenPrefix}*");

    /// <summary>Whether a file is one of them.</summary>
    public static bool IsUnfinished(string path) => Path.GetFileName(path).StartsWith(HiddenPrefix, StringComparison.Ordinal);

    /// <summary>Puts a small file in place of whatever has its name, in one step. The name it has until then is one that every reader of
    /// such directories passes over, as Go programs name theirs.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = SmallFile.Readable)
    {
        string number = RandomNumberGenerator.GetString("0123456789", 9);
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $"{HiddenPrefix}{Path.GetFileName(path)}{number}");
        try
        {
            using (NewFile file = NewFile.Create(temporary, path, mode))
            {
                file.Write(content);
                file.FlushToDisk();
            }

            Publish(temporary, path);
        }
        catch
        {
            TakeBack(temporary);
            throw;
        }
    }

    /// <summary>Moves a file that was flushed to disk to its name, and flushes the directory, so that the name is on disk too.</summary>
    public static void Publish(string source, string target, bool isDurable = true)
    {
        Errno.Naming("rename", target, () => File.Move(source, target, overwrite: true));
        if (isDurable)
        {
            DurableDirectory.Flush(Path.GetDirectoryName(target)!);
        }
    }

    /// <summary>Moves a file to its name, making the directories above it as they are needed.</summary>
    public static void PublishDeep(string source, string target, bool isDurable) =>
        InDirectoryOf(
            target,
            isDurable,
            fault => fault is SystemCallException { Errno: Errno.NotDirectory },
            () => Publish(source, target, isDurable));

    /// <summary>Writes a whole file, or replaces it by another one, making the directories above it as they are needed.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content, bool isDurable)
    {
        string temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}{UnfinishedSuffix}";
        InDirectoryOf(path, isDurable, IsOfRemoval, () =>
        {
            try
            {
                using (NewFile file = NewFile.Create(temporary, path))
                {
                    file.Write(content.Span);
                    if (isDurable)
                    {
                        file.FlushToDisk();
                    }
                }

                Publish(temporary, path, isDurable);
            }
            catch
            {
                TakeBack(temporary);
                throw;
            }
        });
    }

    // Most directories are there already: they are made when the work finds that they are not, or are not any more.
    private static void InDirectoryOf(string path, bool isDurable, Func<Exception, bool> isOfRemoval, Action work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (attempt > 1)
                {
                    DurableDirectory.Ensure(Path.GetDirectoryName(path)!, isDurable);
                }

                work();
                return;
            }
            catch (Exception fault) when (attempt < Attempts && isOfRemoval(fault))
            {
                // Again, with the directory; after a few times not at once, as the other one goes on, too.
                Thread.Sleep(attempt / 4);
            }
        }
    }

    // Why it was not written is what somebody wants to read, and not that it could not be removed either.
    private static void TakeBack(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }

    // Somebody removes the directory, and our unfinished file with it, or all of it before it is flushed. One that others make and remove
    // while it is made here is said to exist already, or to be no directory.
    private static bool IsOfRemoval(Exception fault) =>
        fault is SystemCallException { Errno: Errno.NotFound or Errno.Exists or Errno.NotDirectory };
}
