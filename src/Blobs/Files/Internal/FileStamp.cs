using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>
/// Tells whether a file or directory is still what it was when somebody looked: whatever writes to it or replaces it gives it another
/// time of change or another inode.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct FileStamp(ulong Inode, long Length, long ChangedSeconds, uint ChangedNanoseconds)
{
    // The kernel's clock for files moves in steps of some milliseconds: two changes within one step leave the same time. What was
    // changed longer ago than this will show any further change.
    private const long SettledSeconds = 2;

    /// <summary>When it was changed last, moved to its name, or touched.</summary>
    public DateTimeOffset ChangedAt => DateTimeOffset.FromUnixTimeSeconds(ChangedSeconds).AddTicks(ChangedNanoseconds / 100);

    /// <summary>Looks; false when nothing has that name.</summary>
    public static bool TryGet(string path, out FileStamp stamp, out bool isDirectory)
    {
        int errno = FileStatus.TryGet(path, out FileStatus status);
        isDirectory = errno == Errno.None && status.IsDirectory;
        stamp = new FileStamp(status.Inode, status.Length, status.ChangedSeconds, status.ChangedNanoseconds);
        return errno switch
        {
            Errno.None => true,
            Errno.NotFound or Errno.NotDirectory => false,
            _ => throw Errno.Error("stat", errno, path),
        };
    }

    /// <summary>Whether the last change is so long ago that another one would be seen.</summary>
    public bool IsSettled(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeSeconds() - ChangedSeconds > SettledSeconds;
}
