using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Trees.Internal;

namespace Blobs.Trees;

/// <summary>
/// Finds the changes between two trees, as dockerd does for drivers that cannot report changes themselves (20.10,
/// pkg/archive/changes.go). Contents are never compared: a change that keeps both size and modification time is missed.
/// </summary>
public sealed class TreeComparison
{
    private readonly List<TreeChange> _changes = [];

    private readonly OwnerMap _owners;

    private TreeComparison(OwnerMap owners) => _owners = owners;

    /// <summary>All changes, in bytewise order of whole paths: <c>a.txt</c> comes before <c>a/b</c>.</summary>
    /// <param name="changed">The changed tree.</param>
    /// <param name="parent">The tree before the changes.</param>
    /// <param name="owners">Maps the owners in the parent tree to those in the changed one; no mapping when
    /// null.</param>
    public static IReadOnlyList<TreeChange> Of(DirectoryHandle changed, DirectoryHandle parent, OwnerMap? owners = null)
    {
        var comparison = new TreeComparison(owners ?? OwnerMap.None);
        comparison.Compare(changed, parent, []);
        comparison._changes.Sort(static (left, right) => left.Path.AsSpan().SequenceCompareTo(right.Path));
        return comparison._changes;
    }

    // Both lists are sorted, so they are merged. Everything below a new directory is new.
    private void Compare(DirectoryHandle changed, DirectoryHandle? parent, byte[] prefix)
    {
        List<byte[]> names = TreeWalk.Names(changed);
        List<byte[]> oldNames = parent is null ? [] : TreeWalk.Names(parent);
        int old = 0;
        foreach (byte[] nameZ in names)
        {
            int order = -1;
            while (old < oldNames.Count && (order = oldNames[old].AsSpan().SequenceCompareTo(nameZ)) < 0)
            {
                Add(prefix, oldNames[old++], isGone: true);
            }

            bool isNew = old == oldNames.Count || order > 0;
            CompareOne(changed, isNew ? null : parent, prefix, nameZ);
            old += isNew ? 0 : 1;
        }

        foreach (byte[] nameZ in oldNames.Skip(old))
        {
            Add(prefix, nameZ, isGone: true);
        }
    }

    private void CompareOne(DirectoryHandle changed, DirectoryHandle? parent, byte[] prefix, byte[] nameZ)
    {
        int errno = changed.TryGetStatus(nameZ, out FileStatus status);
        if (errno == Errno.NotFound)
        {
            return;
        }

        Errno.ThrowIfSet("stat", errno, nameZ);
        FileStatus before = default;
        int errnoBefore = parent is null ? Errno.NotFound : parent.TryGetStatus(nameZ, out before);
        Errno.ThrowIfTrouble("stat", errnoBefore, nameZ);
        bool isChanged = errnoBefore != Errno.None
            || Differs(status, before)
            || !Capability(changed, nameZ).AsSpan().SequenceEqual(Capability(parent!, nameZ));
        int count = _changes.Count;
        if (status.IsDirectory && TreeWalk.TryOpen(changed, nameZ) is { } directory)
        {
            using (directory)
            {
                using DirectoryHandle? old = parent is null ? null : TreeWalk.TryOpen(parent, nameZ);
                Compare(directory, old, [.. prefix, .. nameZ.AsSpan(..^1), (byte)'/']);
            }
        }

        // A directory is listed with any change below it, so that unpacking restores its owner and mode.
        if (isChanged || _changes.Count > count)
        {
            Add(prefix, nameZ, isGone: false);
        }
    }

    private void Add(byte[] prefix, byte[] nameZ, bool isGone) =>
        _changes.Add(new TreeChange([.. prefix, .. nameZ.AsSpan(..^1)], isGone));

    private bool Differs(in FileStatus left, in FileStatus right)
    {
        // dockerd tests the directory bit, which block devices and sockets have too.
        bool isLikeDirectory = (left.Type & FileType.Directory) != 0;
        return left.Mode != right.Mode
            || left.User != (_owners.IsNone ? right.User : _owners.LayerUser(right.User))
            || left.Group != (_owners.IsNone ? right.Group : _owners.LayerGroup(right.Group))
            || (left.DeviceMajor, left.DeviceMinor) != (right.DeviceMajor, right.DeviceMinor)
            || (!isLikeDirectory && (left.Length != right.Length || !AreSameTime(left, right)));
    }

    // Archives often have whole seconds only.
    private static bool AreSameTime(in FileStatus left, in FileStatus right) =>
        left.ModifiedSeconds == right.ModifiedSeconds
        && (left.ModifiedNanoseconds == right.ModifiedNanoseconds || left.ModifiedNanoseconds == 0 || right.ModifiedNanoseconds == 0);

    private static byte[]? Capability(DirectoryHandle directory, byte[] nameZ) => directory.GetXattr(nameZ, TreeArchive.CapabilityZ);
}
