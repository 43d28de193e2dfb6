using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Files;

/// <summary>Between fork and exec a child has a copy of each handle of its parent, and with it of each lock. A thread that
/// starts a program must not prolong the locks of the others.</summary>
public sealed class LockReleaseTests : IDisposable
{
    private const int Duplicate = 0;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_lock_is_released_while_a_copy_of_its_handle_is_open()
    {
        string path = _folder["lock"];
        File.WriteAllText(path, "");
        Assert.Equal(Errno.None, FileLock.TryTake(path, isExclusive: true, out FileLock? taken));
        int copy = CopyHandleOf(path);
        taken!.Dispose();
        Assert.Equal(Errno.None, FileLock.TryTake(path, isExclusive: true, out FileLock? next));
        next!.Dispose();
        FileHandle.Close(copy);
    }

    [Fact]
    public void A_record_lock_is_released_while_a_copy_of_its_handle_is_open()
    {
        string path = _folder["lock"];
        File.WriteAllText(path, "");
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: true, newMode: null, out RecordLock? taken));
        int copy = CopyHandleOf(path);
        taken!.Dispose();
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: true, newMode: null, out RecordLock? next));
        next!.Dispose();
        FileHandle.Close(copy);
    }

    // No other handle of this process has the file open.
    private static int CopyHandleOf(string path)
    {
        int handle = Enumerable.Range(0, 1 << 16).First(number => FileStatus.IsSameFile(number, path));
        int copy = Syscalls.Control(handle, Duplicate, 0);
        Assert.True(copy >= 0);
        return copy;
    }
}
