using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>The effective user and group of this process.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CurrentUser
{
    public static uint User { get; } = Syscalls.EffectiveUser();

    public static uint Group { get; } = Syscalls.EffectiveGroup();

    public static bool IsRoot => User == 0;

    /// <summary>
    /// Gives the calling thread its own, empty umask: files it creates have exactly the requested mode, and other
    /// threads are unaffected. Only for dedicated threads. False when the kernel refuses; modes must then be set
    /// explicitly.
    /// </summary>
    public static bool TryClearMaskOfThread()
    {
        const int CloneFileSystem = 0x200;
        if (Syscalls.Unshare(CloneFileSystem) != 0)
        {
            return false;
        }

        _ = Syscalls.SetMask(0);
        return true;
    }
}
