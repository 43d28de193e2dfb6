using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Files;

public sealed class RecordLockTests
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Writers_exclude_everybody_and_readers_only_writers()
    {
        using var folder = new TemporaryFolder();
        string path = folder["lock"];
        Assert.Equal(Errno.NotFound, RecordLock.TryTake(path, isExclusive: false, newMode: null, out _));
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: true, Mode, out RecordLock? writer));
        Assert.Equal(Errno.Again, RecordLock.TryTake(path, isExclusive: false, Mode, out _));

        // Closing another handle of the file must not release the lock.
        File.ReadAllBytes(path);
        Assert.Equal(Errno.Again, RecordLock.TryTake(path, isExclusive: true, Mode, out _));
        writer!.Dispose();
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: false, newMode: null, out RecordLock? one));
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: false, newMode: null, out RecordLock? two));
        Assert.Equal(Errno.Again, RecordLock.TryTake(path, isExclusive: true, Mode, out _));
        one!.Dispose();
        two!.Dispose();
    }

    [Fact]
    public void A_lock_knows_whether_its_file_still_has_the_name()
    {
        using var folder = new TemporaryFolder();
        string path = folder["lock"];
        Assert.Equal(Errno.None, RecordLock.TryTake(path, isExclusive: true, Mode, out RecordLock? taken));
        Assert.True(taken!.IsAt(path));
        File.Delete(path);
        Assert.False(taken.IsAt(path));
        File.WriteAllText(path, "");
        Assert.False(taken.IsAt(path));
        taken.Dispose();
    }
}
