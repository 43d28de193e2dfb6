using System.Runtime.Versioning;
using System.Text;
using Blobs.Files;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Transfer;

/// <summary>The files of an OCI layout in a folder. Names come from untrusted documents, so files are opened inside the
/// folder, symbolic links included.</summary>
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
            // A symbolic link or a socket counts as missing.
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

    // A name with a NUL must not be truncated there: a slash instead makes it the name of no file.
    private static byte[] Terminated(string name) => [.. Encoding.UTF8.GetBytes(name.Replace('\0', '/')), 0];
}
