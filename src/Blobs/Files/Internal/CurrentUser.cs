using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Who this process is to the kernel.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CurrentUser
{
    public static uint User { get; } = Syscalls.EffectiveUser();

    public static uint Group { get; } = Syscalls.EffectiveGroup();

    public static bool IsRoot => User == 0;

    /// <summary>
    /// Gives the calling thread a file mode mask of its own, empty: what it creates has exactly the mode asked for, and no other thread
    /// notices. Only for threads that end with their work. False when the kernel refuses; modes must then be set again.
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
