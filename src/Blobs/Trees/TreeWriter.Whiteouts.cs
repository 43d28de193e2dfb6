using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <content>
/// Whiteouts (OCI image-spec, layer.md): <c>.wh.NAME</c> hides the entry of that name in lower layers,
/// <c>.wh..wh..opq</c> everything that lower layers have in the directory. Entries of their own layer are unaffected,
/// in whatever order they come.
/// </content>
public sealed partial class TreeWriter
{
    private void TakeWhiteout(DirectoryHandle parent, TarEntry entry)
    {
        bool isOpaque = _path.Base.SequenceEqual(WhiteoutName.Opaque);
        ReadOnlySpan<byte> hidden = _path.Base[WhiteoutName.Prefix.Length..];
        if (!isOpaque && (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8)))
        {
            throw Refused(Fault.Whiteout, entry, "is a whiteout of nothing, of its own directory or of the one above");
        }

        if (_whiteouts == WhiteoutFormat.Overlay)
        {
            MarkForOverlay(parent, entry, isOpaque);
            return;
        }

        if (_whiteouts == WhiteoutFormat.AppliedInLayer)
        {
            RemoveOwn(parent, isOpaque);
            return;
        }

        // At the root such names are AUFS's own bookkeeping.
        bool isMetadata = !isOpaque && _path.Parent.IsEmpty && _path.Base.StartsWith(WhiteoutName.Metadata);
        if (isOpaque)
        {
            Prune(parent, _path.Parent);
        }
        else if (!isMetadata)
        {
            _path.TrimBase(WhiteoutName.Prefix.Length);
            Prune(parent, _path.BaseZ, _path.ToArray());
        }

        _directories.Clear();
    }

    private void RemoveOwn(DirectoryHandle parent, bool isOpaque)
    {
        if (!isOpaque)
        {
            _path.TrimBase(WhiteoutName.Prefix.Length);
            TreeRemover.Remove(parent, _path.BaseZ);
            _directories.Clear();
        }
    }

    private void MarkForOverlay(DirectoryHandle parent, TarEntry entry, bool isOpaque)
    {
        if (isOpaque)
        {
            // Without the privilege for trusted attributes, set the one for mounts with userxattr.
            int errno = parent.SetXattr(".\0"u8, OverlayFileSystem.OpaqueZ, "y"u8);
            errno = errno == Errno.NotPermitted ? parent.SetXattr(".\0"u8, OverlayFileSystem.UserOpaqueZ, "y"u8) : errno;
            if (errno is Errno.NotPermitted or Errno.NotSupported)
            {
                _skippedXattrs++;
                return;
            }

            ThrowIfSet("setxattr trusted.overlay.opaque", errno, entry);
            return;
        }

        _path.TrimBase(WhiteoutName.Prefix.Length);
        int made = parent.MakeNode(_path.BaseZ, FileType.CharacterDevice, 0, 0);
        if (made == Errno.Exists)
        {
            throw Refused(Fault.Whiteout, entry, "hides an entry of its own layer");
        }

        if (made == Errno.NotPermitted)
        {
            _skippedDevices++;
            return;
        }

        ThrowIfSet("mknod", made, entry);
        SetOwner(parent, entry);
    }

    // Removes what lower layers left under this name; entries of this layer stay, and so do the directories above them.
    private void Prune(DirectoryHandle parent, ReadOnlySpan<byte> nameZ, byte[] path)
    {
        if (!_made!.Contains(path))
        {
            TreeRemover.Remove(parent, nameZ);
            return;
        }

        int errno = parent.TryOpenChild(nameZ, out DirectoryHandle? directory);
        if (Errno.IsMissing(errno) || errno == Errno.TooManySymlinks)
        {
            return;
        }

        Errno.ThrowIfSet("open", errno, nameZ);

        using (directory)
        {
            Prune(directory!, path);
        }
    }

    private void Prune(DirectoryHandle directory, ReadOnlySpan<byte> path)
    {
        foreach (byte[] child in directory.List())
        {
            byte[] childPath = path.IsEmpty ? child[..^1] : [.. path, (byte)'/', .. child[..^1]];
            Prune(directory, child, childPath);
        }
    }
}
