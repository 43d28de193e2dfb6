using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Docker;

/// <summary>
/// The files of one <c>ADD</c> step, written as tar members owned by root. Also computes the hash by which Docker's
/// builder distinguishes such steps: tarsum version 1, the header fields without the time, followed by the content.
/// </summary>
internal sealed class AddedFiles(AddedPath added)
{
    private const int CopyBytes = 128 << 10;
    private const uint PermissionBits = 0xfff;

    // The hashes of all files in a directory, or the hash of a single file.
    private readonly List<string> _hashes = [];
    private bool _isDirectory;

    /// <summary><c>file:HASH</c> or <c>dir:HASH</c>; available after all members have been written.</summary>
    public string Hash => _isDirectory
        ? $"dir:{HashOf(string.Join(',', _hashes.Order(StringComparer.Ordinal)))}"
        : $"file:{_hashes[0]}";

    /// <summary>Combines several hashes into one.</summary>
    public static string Join(IReadOnlyList<string> hashes) =>
        hashes.Count == 1 ? hashes[0] : $"multi:{HashOf(string.Join(',', hashes))}";

    /// <summary>Writes the tar members.</summary>
    /// <param name="tar">Receives the members.</param>
    /// <param name="tree">The existing tree that the files are added to.</param>
    /// <exception cref="StoreException">The source does not exist, or its file type is not allowed in an
    /// image.</exception>
    public void WriteTo(TarWriter tar, DirectoryHandle tree)
    {
        string source = Path.GetFullPath(added.Source).TrimEnd('/');
        string parent = Path.GetDirectoryName(source) ?? "/";
        byte[] nameZ = source.Length == 0 ? [(byte)'.', 0] : FilePath.Terminated(Path.GetFileName(source));
        using DirectoryHandle directory = OpenParent(parent);
        int errno = directory.TryGetStatus(nameZ, out FileStatus status);
        Errno.ThrowIfTrouble("stat", errno, Encoding.UTF8.GetBytes(source));
        if (errno != Errno.None)
        {
            throw new StoreException(source, $"{added.Source}: no such file or directory");
        }

        byte[] target = Encoding.UTF8.GetBytes(added.Destination.Trim('/'));
        byte[] hashName = Encoding.UTF8.GetBytes(HashName());
        if (status.IsDirectory)
        {
            _isDirectory = true;
            Errno.ThrowIfSet("open", directory.TryOpenChild(nameZ, out DirectoryHandle? child), nameZ);
            using (child)
            {
                WriteContent(tar, child!, target, hashName);
            }

            return;
        }

        bool isInto = added.Destination.EndsWith('/') || IsDirectory(tree, target);
        WriteOne(tar, directory, nameZ, isInto ? Below(target, nameZ) : target, hashName);
    }

    private static bool IsDirectory(DirectoryHandle tree, byte[] target)
    {
        byte[] targetZ = target.Length == 0 ? [(byte)'.', 0] : [.. target, 0];
        int errno = tree.TryOpenInside(targetZ, out DirectoryHandle? directory);
        directory?.Dispose();
        Errno.ThrowIfTrouble("open", errno, target);
        return errno == Errno.None;
    }

    // Relative to the start of the builder's context: the path as given, if it leads downwards.
    private string HashName()
    {
        string relative = Path.GetRelativePath(".", added.Source);
        bool isInside = !Path.IsPathRooted(added.Source) && !relative.StartsWith("..", StringComparison.Ordinal);
        return isInside ? relative == "." ? "" : relative : Path.GetFileName(Path.GetFullPath(added.Source).TrimEnd('/'));
    }

    private DirectoryHandle OpenParent(string parent)
    {
        try
        {
            return DirectoryHandle.Open(parent);
        }
        catch (SystemCallException missing) when (!Errno.IsTrouble(missing))
        {
            throw new StoreException(parent, $"{added.Source}: no such file or directory", missing);
        }
    }

    private void WriteContent(TarWriter tar, DirectoryHandle directory, byte[] target, byte[] hashName)
    {
        foreach (byte[] nameZ in directory.List().OrderBy(name => name, ByteOrder.Instance))
        {
            WriteOne(tar, directory, nameZ, Below(target, nameZ), Below(hashName, nameZ));
        }
    }

    private void WriteOne(TarWriter tar, DirectoryHandle directory, byte[] nameZ, byte[] target, byte[] hashName)
    {
        Errno.ThrowIfSet("stat", directory.TryGetStatus(nameZ, out FileStatus status), nameZ);
        if (status.IsDirectory)
        {
            Write(tar, Member(directory, nameZ, status, TarEntryType.Directory, [.. target, (byte)'/']), [.. hashName, (byte)'/']);
            Errno.ThrowIfSet("open", directory.TryOpenChild(nameZ, out DirectoryHandle? child), nameZ);
            using (child)
            {
                WriteContent(tar, child!, target, hashName);
            }
        }
        else if (status.IsSymlink)
        {
            TarMember link = Member(directory, nameZ, status, TarEntryType.SymbolicLink, target);
            Write(tar, link with { LinkName = directory.ReadLink(nameZ) }, hashName);
        }
        else if (status.IsRegular)
        {
            WriteFile(tar, directory, nameZ, Member(directory, nameZ, status, TarEntryType.File, target), hashName);
        }
        else
        {
            throw new StoreException(
                added.Source, $"{added.Source}: {Printable.Quote(nameZ.AsSpan().TrimEnd((byte)0))} is no file, directory or symbolic link");
        }
    }

    private void Write(TarWriter tar, TarMember member, byte[] hashName)
    {
        tar.Begin(member);
        tar.End();
        using IncrementalHash hash = BeginHash(member, hashName);
        _hashes.Add(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private void WriteFile(TarWriter tar, DirectoryHandle directory, byte[] nameZ, TarMember member, byte[] hashName)
    {
        Errno.ThrowIfSet("open", directory.TryOpenFile(nameZ, out int handle), nameZ);
        try
        {
            using IncrementalHash hash = BeginHash(member, hashName);
            byte[] buffer = new byte[CopyBytes];
            tar.Begin(member);
            for (long left = member.Size; left > 0;)
            {
                int read = FileHandle.Read(handle, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)), out int errno);
                Errno.ThrowIfSet("read", errno, nameZ);
                if (read == 0)
                {
                    throw new StoreException(added.Source, $"{added.Source}: became shorter while it was read");
                }

                tar.Write(buffer.AsSpan(0, read));
                hash.AppendData(buffer.AsSpan(0, read));
                left -= read;
            }

            tar.End();
            _hashes.Add(Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            FileHandle.Close(handle);
        }
    }

    private static TarMember Member(DirectoryHandle directory, byte[] nameZ, FileStatus status, TarEntryType type, byte[] name)
    {
        byte[]? capability = status.IsRegular ? directory.GetXattr(nameZ, "security.capability\0"u8) : null;
        return new TarMember
        {
            Name = name,
            Type = type,
            Mode = status.Type | (status.Permissions & PermissionBits),
            Size = status.IsRegular ? status.Length : 0,
            ModifiedTime = new UnixTime(status.ModifiedSeconds, 0),
            Xattrs = capability is null ? [] : [KeyValuePair.Create("security.capability", capability)],
        };
    }

    // Names and values are concatenated without separators.
    private static IncrementalHash BeginHash(TarMember member, byte[] name)
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append("name", name);
        Append("mode", Number(member.Mode));
        Append("uid", "0"u8);
        Append("gid", "0"u8);
        Append("size", Number(member.Size));
        Append("typeflag", [(byte)member.Type]);
        Append("linkname", member.LinkName);
        Append("uname", []);
        Append("gname", []);
        Append("devmajor", "0"u8);
        Append("devminor", "0"u8);
        foreach (KeyValuePair<string, byte[]> xattr in member.Xattrs)
        {
            Append(xattr.Key, xattr.Value);
        }

        return hash;

        void Append(string field, ReadOnlySpan<byte> value)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(field));
            hash.AppendData(value);
        }

        static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
    }

    private static byte[] Below(byte[] directory, byte[] nameZ) =>
        directory.Length == 0 ? nameZ[..^1] : [.. directory, (byte)'/', .. nameZ.AsSpan(0, nameZ.Length - 1)];

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static ByteOrder Instance { get; } = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
