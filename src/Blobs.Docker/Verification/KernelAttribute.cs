using System.Buffers.Binary;
using Blobs.Files.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// What the kernel stores for an extended attribute that dockerd sets. dockerd ignores refusals, and the kernel stores
/// some values in another form (xattr(7), acl(5), capabilities(7)).
/// </summary>
internal static class KernelAttribute
{
    private const string AccessAcl = "system.posix_acl_access";
    private const string DefaultAcl = "system.posix_acl_default";
    private const string Capability = "security.capability";
    private const int AclHeaderBytes = 4;
    private const int AclEntryBytes = 8;
    private const uint AclVersion = 2;

    // Tags of ACL entries: first those of the owner, group, mask and others, then those for named users and groups.
    private const ushort Owner = 0x01;
    private const ushort OwningGroup = 0x04;
    private const ushort Mask = 0x10;
    private const ushort Others = 0x20;

    /// <summary>Whether an attribute of a file is right, as far as the kernel allowed dockerd to set it.</summary>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="expected">The value in the layer's tar.</param>
    /// <param name="found">The file's value; null for none.</param>
    /// <param name="type">Type of the file.</param>
    /// <param name="mode">Its permissions, which were set after the attribute.</param>
    public static bool IsAsSet(string name, byte[] expected, byte[]? found, uint type, uint mode)
    {
        if (name is AccessAcl or DefaultAcl)
        {
            return IsAclAsSet(name, expected, found, type, mode);
        }

        bool isUsers = name.StartsWith("user.", StringComparison.Ordinal);
        bool isTaken = isUsers
            ? type is FileType.Regular or FileType.Directory
            : name.StartsWith("trusted.", StringComparison.Ordinal) || name.StartsWith("security.", StringComparison.Ordinal);
        return !isTaken
            || (found is not null && (found.AsSpan().SequenceEqual(expected) || (name == Capability && IsSameCapability(found, expected))));
    }

    // The kernel refuses ACLs of another version, and all ACLs of symbolic links. It does not store one that is
    // equivalent to the mode.
    private static bool IsAclAsSet(string name, byte[] expected, byte[]? found, uint type, uint mode)
    {
        if (type == FileType.Symlink || !IsAcl(expected))
        {
            return true;
        }

        List<(ushort Tag, ushort Permissions, uint Id)> entries = Entries(expected);
        bool isAccess = name == AccessAcl;
        if (isAccess)
        {
            entries = Masked(entries, mode);
        }

        bool isKept = entries.Count > 0 && (!isAccess || entries.Exists(entry => entry.Tag is not (Owner or OwningGroup or Others)));
        return !isKept
            ? found is null
            : found is not null && IsAcl(found) && Entries(found).SequenceEqual(entries);
    }

    private static bool IsAcl(ReadOnlySpan<byte> value) => value.Length >= AclHeaderBytes
        && (value.Length - AclHeaderBytes) % AclEntryBytes == 0
        && BinaryPrimitives.ReadUInt32LittleEndian(value) == AclVersion;

    // The ids of entries without a named user or group are ignored.
    private static List<(ushort Tag, ushort Permissions, uint Id)> Entries(byte[] acl)
    {
        var entries = new List<(ushort, ushort, uint)>();
        for (ReadOnlySpan<byte> rest = acl.AsSpan(AclHeaderBytes); !rest.IsEmpty; rest = rest[AclEntryBytes..])
        {
            ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            bool isNamed = tag is not (Owner or OwningGroup or Mask or Others);
            entries.Add((
                tag,
                BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]),
                isNamed ? BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) : 0));
        }

        return entries;
    }

    // chmod(2) changes the entries of owner and others, and that of the mask, or of the group if there is no mask.
    private static List<(ushort Tag, ushort Permissions, uint Id)> Masked(
        List<(ushort Tag, ushort Permissions, uint Id)> entries, uint mode)
    {
        bool hasMask = entries.Exists(entry => entry.Tag == Mask);
        return [.. entries.Select(entry => entry.Tag switch
        {
            Owner => entry with { Permissions = (ushort)((mode >> 6) & 7) },
            Mask => entry with { Permissions = (ushort)((mode >> 3) & 7) },
            OwningGroup when !hasMask => entry with { Permissions = (ushort)((mode >> 3) & 7) },
            Others => entry with { Permissions = (ushort)(mode & 7) },
            _ => entry,
        })];
    }

    // Revision 3 has the root user of a user namespace; if that is the real root, the kernel returns revision 2.
    private static bool IsSameCapability(byte[] found, byte[] expected)
    {
        const int SecondBytes = 20;
        const int ThirdBytes = 24;
        const uint RevisionMask = 0xff000000;
        const uint Second = 0x02000000;
        const uint Third = 0x03000000;
        if (found.Length != SecondBytes || expected.Length != ThirdBytes)
        {
            return false;
        }

        uint head = BinaryPrimitives.ReadUInt32LittleEndian(expected);
        return (head & RevisionMask) == Third
            && BinaryPrimitives.ReadUInt32LittleEndian(expected.AsSpan(SecondBytes)) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(found) == ((head & ~RevisionMask) | Second)
            && found.AsSpan(sizeof(uint)).SequenceEqual(expected.AsSpan(sizeof(uint)..SecondBytes));
    }
}
