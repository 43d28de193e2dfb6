using System.IO.Hashing;
using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;

namespace Blobs.Erofs;

/// <summary>
/// The tree of an image that is being written: inodes, and directory entries that name them. About 120 bytes an entry, besides its name.
/// An entry whose name appears again gets another inode; an inode that no entry names any more is left out of the image.
/// </summary>
internal sealed class ErofsTree
{
    /// <summary>The inode of the root directory.</summary>
    public const int Root = 0;

    private const int None = -1;
    private const uint ImpliedMode = FileType.Directory | 0b111_101_101;

    private readonly Limits _limits;
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly ErofsTable<ErofsInode> _inodes = new();
    private readonly ErofsTable<ErofsEntry> _entries = new();
    private int[] _slots = new int[1024];

    public ErofsTree(Limits limits)
    {
        _limits = limits;
        Text = new ErofsText(limits);
        Add(new ErofsInode { Mode = (ushort)ImpliedMode, FirstEntry = None });
    }

    /// <summary>Names, link targets, attributes, maps.</summary>
    public ErofsText Text { get; }

    public int InodeCount => _inodes.Count;

    public int EntryCount => _entries.Count;

    public ref ErofsInode Inode(int index) => ref _inodes[index];

    public ref ErofsEntry Entry(int index) => ref _entries[index];

    public ReadOnlySpan<byte> NameOf(int entry) => Text[_entries[entry].Name];

    /// <summary>Adds an inode that has no name yet.</summary>
    public int Add(in ErofsInode inode)
    {
        if (InodeCount > _limits.Entries)
        {
            Throw.LimitExceeded(nameof(Limits.Entries), _limits.Entries, "erofs: the files and directories of the layer");
        }

        return _inodes.Add(inode);
    }

    /// <summary>Adds a directory that the archive does not have, or not yet. It gets owner and time of its parent.</summary>
    public int AddImplied(int parent)
    {
        ref readonly ErofsInode above = ref _inodes[parent];
        return Add(new ErofsInode
        {
            Mode = (ushort)ImpliedMode,
            Uid = above.Uid,
            Gid = above.Gid,
            Seconds = above.Seconds,
            Nanoseconds = above.Nanoseconds,
            FirstEntry = None,
            Parent = parent,
        });
    }

    /// <summary>Adds a directory without entries.</summary>
    public int AddDirectory(in ErofsInode inode, int parent)
    {
        int added = Add(inode);
        _inodes[added].FirstEntry = None;
        _inodes[added].Parent = parent;
        return added;
    }

    /// <summary>The entry of that name in a directory, or -1.</summary>
    public int Find(int directory, ReadOnlySpan<byte> name) => _slots[SlotOf(directory, name, Hash(directory, name))] - 1;

    /// <summary>Names an inode. What had the name before is replaced.</summary>
    public void Name(int directory, ReadOnlySpan<byte> name, int inode)
    {
        uint hash = Hash(directory, name);
        ref int slot = ref _slots[SlotOf(directory, name, hash)];
        if (slot != 0)
        {
            _entries[slot - 1].Inode = inode;
            return;
        }

        ref ErofsInode parent = ref _inodes[directory];
        int added = _entries.Add(new ErofsEntry
        {
            Directory = directory,
            Name = Text.Add(name),
            Inode = inode,
            Next = parent.FirstEntry,
            Hash = hash,
        });
        parent.FirstEntry = added;
        parent.EntryCount++;
        slot = added + 1;
        if (EntryCount > _slots.Length / 2)
        {
            Grow();
        }
    }

    private uint Hash(int directory, ReadOnlySpan<byte> name) =>
        (uint)XxHash3.HashToUInt64(name, _seed ^ (directory * unchecked((long)0x9E3779B97F4A7C15)));

    // The slot of an entry, or the free slot where it belongs. A slot holds the entry's index plus one.
    private int SlotOf(int directory, ReadOnlySpan<byte> name, uint hash)
    {
        int mask = _slots.Length - 1;
        int slot = (int)hash & mask;
        while (_slots[slot] != 0)
        {
            ref readonly ErofsEntry entry = ref _entries[_slots[slot] - 1];
            if (entry.Hash == hash && entry.Directory == directory && Text[entry.Name].SequenceEqual(name))
            {
                break;
            }

            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        int[] larger = new int[_slots.Length * 2];
        int mask = larger.Length - 1;
        for (int i = 0; i < EntryCount; i++)
        {
            int slot = (int)_entries[i].Hash & mask;
            while (larger[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            larger[slot] = i + 1;
        }

        _slots = larger;
    }
}
