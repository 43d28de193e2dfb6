namespace Blobs.Distribution.Storage;

/// <summary>Tells whether a directory is on a file system that other machines can write to.</summary>
internal static class NetworkFileSystem
{
    private static readonly string[] Known =
        ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ceph", "glusterfs", "gfs2", "ocfs2", "lustre"];

    /// <summary>Whether a directory, or its nearest existing parent, is on such a file system; false when the kernel does
    /// not say.</summary>
    public static bool Has(string path)
    {
        string? folder = path;
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        try
        {
            return folder is not null && Known.Contains(new DriveInfo(folder).DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
