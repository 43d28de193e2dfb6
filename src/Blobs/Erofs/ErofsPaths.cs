using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>
/// Finds the directory of a path in the tree that is being written. Symbolic links on the way are resolved inside the layer, as the
/// kernel would do it below that root; directories that are missing are made.
/// </summary>
internal sealed class ErofsPaths(ErofsTree tree)
{
    private const int LinksMax = 40;
    private const byte Slash = (byte)'/';

    private readonly ArrayBufferWriter<byte> _last = new(256);
    private int _lastDirectory = ErofsTree.Root;
    private byte[] _rest = new byte[256];
    private int _length;
    private int _ownLength;
    private int _links;

    /// <summary>Forgets what was found last, because a name has another inode now.</summary>
    public void Forget()
    {
        _last.ResetWrittenCount();
        _lastDirectory = ErofsTree.Root;
    }

    /// <summary>The inode of a directory.</summary>
    /// <param name="path">Its cleaned path; empty for the root.</param>
    /// <param name="entry">The entry that needs it.</param>
    /// <param name="makesMissing">Whether directories that are missing are made.</param>
    /// <returns>The inode, or -1 when it is not there and is not made.</returns>
    public int Directory(ReadOnlySpan<byte> path, TarEntry entry, bool makesMissing)
    {
        if (path.SequenceEqual(_last.WrittenSpan))
        {
            return _lastDirectory;
        }

        Begin(path);
        int directory = ErofsTree.Root;
        while (_length > 0)
        {
            // What a link leads to must be there; only the rest of the entry's own path is made.
            bool isOwn = _length <= _ownLength;
            directory = Enter(directory, Next(), path, entry, makesMissing, isOwn);
            if (directory < 0)
            {
                return directory;
            }
        }

        _last.ResetWrittenCount();
        _last.Write(path);
        _lastDirectory = directory;
        return directory;
    }

    private void Begin(ReadOnlySpan<byte> path)
    {
        _length = 0;
        _links = 0;
        Prepend(path);
        _ownLength = _length;
    }

    // Takes the first component off the rest of the path. The rest is kept at the end of the array.
    private ReadOnlySpan<byte> Next()
    {
        ReadOnlySpan<byte> rest = _rest.AsSpan(_rest.Length - _length);
        int slash = rest.IndexOf(Slash);
        ReadOnlySpan<byte> name = slash < 0 ? rest : rest[..slash];
        _length -= slash < 0 ? rest.Length : slash + 1;
        return name;
    }

    private int Enter(int directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> path, TarEntry entry, bool makesMissing, bool isOwn)
    {
        if (name.IsEmpty || name.SequenceEqual("."u8))
        {
            return directory;
        }

        if (name.SequenceEqual(".."u8))
        {
            return tree.Inode(directory).Parent;
        }

        int found = tree.Find(directory, name);
        int inode = found < 0 ? -1 : tree.Entry(found).Inode;
        if (inode < 0 || tree.Inode(inode).Has(InodeFlags.Whiteout))
        {
            return !makesMissing ? -1
                : isOwn ? Make(directory, name, isHidden: inode >= 0)
                : throw Refused(entry, path, "is a link to nothing inside the layer");
        }

        if (tree.Inode(inode).IsDirectory)
        {
            return inode;
        }

        if (!tree.Inode(inode).IsSymlink)
        {
            return makesMissing ? throw Refused(entry, path, "is not a directory") : -1;
        }

        if (++_links > LinksMax)
        {
            return makesMissing ? throw Refused(entry, path, "is a loop of links") : -1;
        }

        ReadOnlySpan<byte> target = tree.Text[tree.Inode(inode).Content];
        bool isAbsolute = target[0] == Slash;
        _ownLength = Math.Min(_ownLength, _length);
        Prepend(target);
        return isAbsolute ? ErofsTree.Root : directory;
    }

    // A whiteout of the same name hides what lower layers have below this directory.
    private int Make(int parent, ReadOnlySpan<byte> name, bool isHidden)
    {
        int made = tree.AddImplied(parent);
        tree.Inode(made).Flags = isHidden ? InodeFlags.Opaque : InodeFlags.None;
        tree.Name(parent, name, made);
        return made;
    }

    private void Prepend(ReadOnlySpan<byte> path)
    {
        int separator = _length > 0 ? 1 : 0;
        int needed = path.Length + separator + _length;
        byte[] target = _rest.Length < needed ? new byte[2 * needed] : _rest;
        _rest.AsSpan(_rest.Length - _length).CopyTo(target.AsSpan(target.Length - _length));
        if (separator > 0)
        {
            target[target.Length - _length - 1] = Slash;
        }

        path.CopyTo(target.AsSpan(target.Length - needed));
        _rest = target;
        _length = needed;
    }

    private static MalformedDataException Refused(TarEntry entry, ReadOnlySpan<byte> path, string why) =>
        ErofsRefusal.Of(Fault.EntryParent, entry, $"is below {Printable.Quote(path)}, which {why}");
}
