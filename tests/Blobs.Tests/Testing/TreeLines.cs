using System.Text;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>Describes a tree on disk in the format of <see cref="TreeNode.Lines"/>.</summary>
internal static class TreeLines
{
    public static List<string> Of(DirectoryHandle directory)
    {
        var lines = new List<string>();
        Add(lines, directory, "");
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>Opens a directory by its number among all directories of the tree; the root is the first.</summary>
    public static DirectoryHandle OpenNth(DirectoryHandle root, int number)
    {
        string[] directories =
        [
            "", .. Of(root).Select(line => line.Split(' ')).Where(words => words[^5] == $"{(char)TarEntryType.Directory}")
                .Select(words => string.Join(' ', words[..^5])),
        ];
        Errno.ThrowIfSet("open", root.TryOpenChild(".\0"u8, out DirectoryHandle? opened), "."u8);
        foreach (string name in directories[number % directories.Length].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] nameZ = [.. Encoding.Latin1.GetBytes(name), 0];
            using DirectoryHandle above = opened!;
            Errno.ThrowIfSet("open", above.TryOpenChild(nameZ, out opened), nameZ);
        }

        return opened!;
    }

    private static void Add(List<string> lines, DirectoryHandle directory, string path)
    {
        foreach (byte[] nameZ in directory.List())
        {
            string full = path + Encoding.Latin1.GetString(nameZ.AsSpan()[..^1]);
            int errno = directory.TryGetStatus(nameZ, out FileStatus status);
            if (errno == Errno.NotFound)
            {
                // overlayfs lists a directory that exists in one layer only as that layer does. The list then includes
                // whiteouts, although they cannot be opened.
                continue;
            }

            Errno.ThrowIfSet("stat", errno, nameZ);
            TarEntryType type = TypeOf(status);
            byte[] content = type switch
            {
                TarEntryType.File => Read(directory, nameZ, status.Length),
                TarEntryType.SymbolicLink => directory.ReadLink(nameZ),
                _ => [],
            };
            lines.Add(TreeNode.Line(full, type, type == TarEntryType.SymbolicLink ? 0 : status.Permissions, $"{status.User}:{status.Group}", content));
            if (status.IsDirectory)
            {
                Errno.ThrowIfSet("open", directory.TryOpenChild(nameZ, out DirectoryHandle? child), nameZ);
                using (child)
                {
                    Add(lines, child!, $"{full}/");
                }
            }
        }
    }

    private static TarEntryType TypeOf(FileStatus status) =>
        status.IsDirectory ? TarEntryType.Directory
        : status.IsRegular ? TarEntryType.File
        : status.IsSymlink ? TarEntryType.SymbolicLink
        : status.IsCharacterDevice ? TarEntryType.CharacterDevice
        : TarEntryType.Fifo;

    private static byte[] Read(DirectoryHandle directory, byte[] nameZ, long length)
    {
        Errno.ThrowIfSet("open", directory.TryOpenFile(nameZ, out int handle), nameZ);
        try
        {
            byte[] content = new byte[length];
            int at = 0;
            while (at < content.Length && FileHandle.Read(handle, content.AsSpan(at), out int errno) is > 0 and int read)
            {
                at += read;
            }

            return content[..at];
        }
        finally
        {
            FileHandle.Close(handle);
        }
    }
}
