using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <content>
/// Whiteouts (OCI image-spec, layer.md): <c>.wh.NAME</c> hides what lower layers have of that name, <c>.wh..wh..opq</c> all that
/// they have in the directory. They say nothing about what their own layer brings, in whatever order the two come.
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

    private void MarkForOverlay(DirectoryHandle parent, TarEntry entry, bool isOpaque)
    {
        if (isOpaque)
        {
            // Without the right to the trusted one, overlayfs can be mounted with the user's attribute.
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

    // Removes what lower layers left under this name; what this layer made stays, and so does the way to it.
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
