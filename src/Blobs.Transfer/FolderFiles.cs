using System.Runtime.Versioning;
using System.Text;
using Blobs.Files;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Transfer;

/// <summary>The files of a layout in a folder. Names stand in documents that anybody may have written: they are opened inside the folder,
/// whatever links stand in it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FolderFiles(string folder) : IArchiveFiles
{
    private readonly DirectoryHandle _folder = DirectoryHandle.Open(folder);

    public string Origin => folder;

    public Stream? TryOpen(string name, out long length)
    {
        string key = ArchiveName.Clean(name);
        int slash = key.LastIndexOf('/');
        length = 0;
        byte[] nameZ = Terminated(key[(slash + 1)..]);
        int errno = _folder.TryOpenInside(Terminated(slash < 0 ? "." : key[..slash]), out DirectoryHandle? parent);
        Errno.ThrowIfTrouble("open", errno == Errno.TooManySymlinks ? Errno.None : errno, nameZ);
        if (errno != Errno.None)
        {
            return null;
        }

        using (parent)
        {
            // A link is refused, and a socket has no content.
            errno = parent!.TryOpenFile(nameZ, out int number);
            Errno.ThrowIfTrouble("open", errno is Errno.TooManySymlinks or Errno.NoSuchDevice ? Errno.None : errno, nameZ);
            if (errno != Errno.None)
            {
                return null;
            }

            var handle = new SafeFileHandle(number, ownsHandle: true);
            if (FileStatus.TryGet(number, out FileStatus status) != Errno.None || !status.IsRegular)
            {
                handle.Dispose();
                return null;
            }

            length = status.Length;
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }
    }

    public void Dispose() => _folder.Dispose();

    // A name from a document may contain anything; a NUL ends it for the kernel, so then there is no such file.
    private static byte[] Terminated(string name) => [.. Encoding.UTF8.GetBytes(name.Replace('\0', '/')), 0];
}
