using System.Text;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// Compares the whole tree of a layer, which some drivers keep for each layer, with that of the layer below: everything
/// that the layer itself does not change or remove must be there, identical to the byte.
/// </summary>
internal sealed class InheritedTree(
    ExpectedTree expected,
    HashSet<ulong> own,
    Action<string, string> wrong,
    Action<string, Action> attempt,
    CancellationToken cancellationToken)
{
    private const int BufferBytes = 64 << 10;

    private readonly byte[] _upper = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private readonly byte[] _lower = GC.AllocateUninitializedArray<byte>(BufferBytes);

    public void Check(DirectoryHandle tree, DirectoryHandle? lower, string prefix)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var names = new HashSet<string>();
        foreach (byte[] nameZ in tree.List())
        {
            string name = Encoding.Latin1.GetString(nameZ.AsSpan(..^1));
            names.Add(name);
            attempt(prefix + name, () => CheckOne(tree, lower, nameZ, prefix + name));
        }

        bool isHidden = expected.Opaque.Contains(prefix.TrimEnd('/'));
        foreach (byte[] nameZ in lower is null || isHidden ? [] : lower.List())
        {
            string name = Encoding.Latin1.GetString(nameZ.AsSpan(..^1));
            if (!names.Contains(name) && expected.Entries.GetValueOrDefault(prefix + name) is not { IsWhiteout: true })
            {
                wrong(prefix + name, "is in the layer below, but not in the tree");
            }
        }
    }

    private void CheckOne(DirectoryHandle tree, DirectoryHandle? lower, byte[] nameZ, string path)
    {
        Errno.ThrowIfSet("stat", tree.TryGetStatus(nameZ, out FileStatus status), nameZ);
        FileStatus below = default;
        int errno = lower is null ? Errno.NotFound : lower.TryGetStatus(nameZ, out below);
        Errno.ThrowIfTrouble("stat", errno, nameZ);
        bool isBelow = errno == Errno.None;
        if (!own.Contains(status.Inode))
        {
            if (!isBelow)
            {
                wrong(path, "is in the tree, but neither in the layer's tar nor in the layer below");
                return;
            }

            CheckSame(tree, lower!, nameZ, path, status, below);
        }

        if (status.IsDirectory)
        {
            Errno.ThrowIfSet("open", tree.TryOpenChild(nameZ, out DirectoryHandle? child), nameZ);
            DirectoryHandle? lowerChild = null;
            if (isBelow && below.IsDirectory)
            {
                Errno.ThrowIfSet("open", lower!.TryOpenChild(nameZ, out lowerChild), nameZ);
            }

            using (child)
            using (lowerChild)
            {
                Check(child!, lowerChild, $"{path}/");
            }
        }
    }

    private void CheckSame(DirectoryHandle tree, DirectoryHandle lower, byte[] nameZ, string path, FileStatus status, FileStatus below)
    {
        if (status.Inode == below.Inode)
        {
            return;
        }

        bool isAlike = status.Mode == below.Mode && (status.User, status.Group) == (below.User, below.Group)
            && (status.IsDirectory || IsOfOneTime(status, below))
            && (status.DeviceMajor, status.DeviceMinor) == (below.DeviceMajor, below.DeviceMinor);
        if (!isAlike)
        {
            wrong(path, "has another type, mode, owner or time than in the layer below");
        }
        else if (status.IsSymlink && !tree.ReadLink(nameZ).AsSpan().SequenceEqual(lower.ReadLink(nameZ)))
        {
            wrong(path, "has another target than in the layer below");
        }
        else if (status.IsRegular && !HasSameContent(tree, lower, nameZ))
        {
            wrong(path, "has other content than in the layer below");
        }
    }

    private static bool IsOfOneTime(FileStatus left, FileStatus right) =>
        (left.ModifiedSeconds, left.ModifiedNanoseconds) == (right.ModifiedSeconds, right.ModifiedNanoseconds);

    private bool HasSameContent(DirectoryHandle tree, DirectoryHandle lower, byte[] nameZ)
    {
        Errno.ThrowIfSet("open", tree.TryOpenFile(nameZ, out int upperFile), nameZ);
        try
        {
            Errno.ThrowIfSet("open", lower.TryOpenFile(nameZ, out int lowerFile), nameZ);
            try
            {
                int read;
                do
                {
                    read = FileHandle.Read(upperFile, _upper, out int errno);
                    Errno.ThrowIfSet("read", errno, nameZ);
                    int readBelow = FileHandle.Read(lowerFile, _lower, out errno);
                    Errno.ThrowIfSet("read", errno, nameZ);
                    if (!_upper.AsSpan(0, read).SequenceEqual(_lower.AsSpan(0, readBelow)))
                    {
                        return false;
                    }
                }
                while (read > 0);
                return true;
            }
            finally
            {
                FileHandle.Close(lowerFile);
            }
        }
        finally
        {
            FileHandle.Close(upperFile);
        }
    }
}
