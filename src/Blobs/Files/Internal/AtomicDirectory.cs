using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Renames directories, so that one that was filled under a temporary name appears complete, at
/// once.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class AtomicDirectory
{
    private const uint NoReplace = 1;

    /// <summary>Renames a directory to a free name; false when the name is taken.</summary>
    public static bool TryPublish(string source, string target)
    {
        int errno;
        fixed (byte* from = FilePath.Terminated(source), to = FilePath.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(Syscalls.CurrentDirectory, from, Syscalls.CurrentDirectory, to, NoReplace));
        }

        if (errno is Errno.Exists or Errno.NotEmpty)
        {
            return false;
        }

        return errno == Errno.None ? true : throw Errno.Error("rename", errno, target);
    }

    /// <summary>Renames everything in a directory into another one of the same file system, which has none of these
    /// names.</summary>
    public static void MoveChildren(string source, string target)
    {
        using DirectoryHandle from = DirectoryHandle.Open(source);
        using DirectoryHandle to = DirectoryHandle.Open(target);
        foreach (byte[] nameZ in from.List())
        {
            fixed (byte* name = nameZ)
            {
                int errno = Errno.Of(Syscalls.RenameAt2(from.Handle, name, to.Handle, name, NoReplace));
                Errno.ThrowIfSet("rename", errno, nameZ);
            }
        }
    }

    /// <summary>Renames a directory to a hidden name: the first generated one that is free.</summary>
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
