using System.Runtime.ExceptionServices;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>
/// Runs work that needs its own current directory or mounts. Both are shared by all threads, unless a thread unshares
/// them (unshare(2)). Each call uses a new thread, which ends with the work.
/// </summary>
internal static unsafe class OwnThread
{
    private const int CloneFileSystem = 0x200;
    private const int CloneMounts = 0x20000;

    /// <summary>Runs <paramref name="work"/> with <paramref name="directory"/> as its current directory.</summary>
    public static void RunIn(string directory, Action work) => Run(CloneFileSystem, () =>
    {
        ChangeTo(directory);
        work();
    });

    /// <summary>As <see cref="RunIn"/>, in a private mount namespace: its mounts are invisible to others and do not
    /// outlive it.</summary>
    /// <exception cref="SystemCallException">Not permitted: this needs root.</exception>
    public static void RunWithOwnMounts(string directory, Action work) => Run(CloneMounts, () =>
    {
        const nuint Recursive = 0x4000;
        const nuint Private = 0x40000;
        fixed (byte* root = "/\0"u8)
        {
            Errno.ThrowIfSet("mount --make-rprivate", Errno.Of(Syscalls.Mount(null, root, null, Recursive | Private, null)), "/"u8);
        }

        ChangeTo(directory);
        work();
    });

    private static void Run(int unshared, Action work)
    {
        ExceptionDispatchInfo? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                Errno.ThrowIfSet("unshare", Errno.Of(Syscalls.Unshare(unshared)), "."u8);
                work();
            }
            catch (Exception thrown)
            {
                fault = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        {
            Name = "blobs mount",
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        fault?.Throw();
    }

    private static void ChangeTo(string directory)
    {
        fixed (byte* path = FilePath.Terminated(directory))
        {
            Errno.ThrowIfSet("chdir", Errno.Of(Syscalls.ChangeDirectory(path)), FilePath.Terminated(directory));
        }
    }
}
