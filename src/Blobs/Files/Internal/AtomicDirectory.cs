using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>A directory that is filled out of sight and appears under its name at once, complete.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class AtomicDirectory
{
    private const uint NoReplace = 1;

    /// <summary>Moves a directory to a name that nothing has yet; false when something has it.</summary>
    public static bool TryPublish(string source, string target)
    {
        int errno;
        fixed (byte* from = DirectoryHandle.Terminated(source), to = DirectoryHandle.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(Syscalls.CurrentDirectory, from, Syscalls.CurrentDirectory, to, NoReplace));
        }

        if (errno is Errno.Exists or Errno.NotEmpty)
        {
            return false;
        }

        return errno == Errno.None ? true : throw Errno.Error("rename", errno, target);
    }

    /// <summary>Moves a directory out of sight, to the first name made that nothing has yet.</summary>
    /// <returns>Where it is now.</returns>
    public static string Hide(string source, Func<string> newName)
    {
        string hidden;
        do
        {
            hidden = newName();
        }
        while (!TryPublish(source, hidden));
        return hidden;
    }
}
