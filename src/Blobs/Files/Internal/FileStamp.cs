using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>
/// Identifies the state of a file or directory: every write or replacement changes its change time (ctime) or its
/// inode.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct FileStamp(ulong Inode, long Length, long ChangedSeconds, uint ChangedNanoseconds)
{
    // The kernel's file clock moves in steps of some milliseconds: two changes within one step leave the same time.
    // After this long, any further change is visible.
    private const long SettledSeconds = 2;

    /// <summary>When it was last written, renamed or touched.</summary>
    public DateTimeOffset ChangedAt => DateTimeOffset.FromUnixTimeSeconds(ChangedSeconds).AddTicks(ChangedNanoseconds / 100);

    /// <summary>Reads the stamp of a path; false when nothing has that name.</summary>
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

    /// <summary>Whether the last change is so long ago that another one would be visible.</summary>
    public bool IsSettled(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeSeconds() - ChangedSeconds > SettledSeconds;
}
