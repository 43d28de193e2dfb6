using System.Globalization;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>
/// Maps the users and groups of layers to those of this machine, for the data root of a daemon with remapped users
/// (<c>dockerd --userns-remap</c>). Such a root is named <c>UID.GID</c>, after the root user of its containers, and the
/// ids of its files are shifted accordingly. The ranges are those of <c>/etc/subuid</c> and <c>/etc/subgid</c>, as the
/// daemon reads them.
/// </summary>
public sealed class OwnerMap
{
    // The range that useradd gives a user; the daemon's own user dockremap has it too.
    private const uint UsualCount = 65536;

    private readonly Range[] _users;
    private readonly Range[] _groups;

    private OwnerMap(Range[] users, Range[] groups)
    {
        _users = users;
        _groups = groups;
    }

    /// <summary>No mapping: ids stay as they are.</summary>
    public static OwnerMap None { get; } = new([], []);

    /// <summary>Whether owners stay as they are.</summary>
    public bool IsNone => _users.Length == 0;

    /// <summary>Host user id of the containers' root.</summary>
    public uint Root => IsNone ? 0 : _users[0].Host;

    /// <summary>Host group id of the containers' root.</summary>
    public uint RootGroup => IsNone ? 0 : _groups[0].Host;

    /// <summary>The mapping of a data root, by its name. As such a name may also be a date, the root must belong to
    /// that user or group, or the machine must have subordinate ids that begin there.</summary>
    public static OwnerMap Of(string root)
    {
        string path = FilePath.RealPath(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        if (!IsName(Path.GetFileName(path), out uint user, out uint group))
        {
            return None;
        }

        string users = SmallFile.TryReadText("/etc/subuid") ?? "";
        string groups = SmallFile.TryReadText("/etc/subgid") ?? "";
        bool isKnown = TryFind(user, users) is not null && TryFind(group, groups) is not null;
        return isKnown || BelongsTo(path, user, group) ? From(user, group, users, groups) : None;
    }

    /// <summary>The mapping that begins at these host ids.</summary>
    /// <param name="user">Host user id of the containers' root.</param>
    /// <param name="group">Host group id of the containers' root.</param>
    /// <param name="users">Content of <c>/etc/subuid</c>: lines of <c>NAME:FIRST:COUNT</c>.</param>
    /// <param name="groups">Content of <c>/etc/subgid</c>.</param>
    internal static OwnerMap From(uint user, uint group, string users, string groups) => new(Ranges(user, users), Ranges(group, groups));

    /// <summary>Whether a directory name has the form <c>UID.GID</c>.</summary>
    public static bool IsName(string name) => IsName(name, out _, out _);

    /// <summary>Host user id for a user id of a layer; null when it is not mapped.</summary>
    public uint? HostUser(long id) => ToHost(_users, id);

    /// <summary>Host group id for a group id of a layer; null when it is not mapped.</summary>
    public uint? HostGroup(long id) => ToHost(_groups, id);

    /// <summary>User id of a layer for a host user id; null when it is not mapped.</summary>
    internal uint? LayerUser(uint id) => ToLayer(_users, id);

    /// <summary>Group id of a layer for a host group id; null when it is not mapped.</summary>
    internal uint? LayerGroup(uint id) => ToLayer(_groups, id);

    /// <summary>Makes the containers' root the owner of a file or directory.</summary>
    public void GiveToRoot(string path) => Set(path, Root, RootGroup);

    /// <summary>Gives a directory to the group of the containers' root, so that it can traverse it; the owner
    /// stays.</summary>
    public void LetThrough(string path) => Set(path, uint.MaxValue, RootGroup);

    private void Set(string path, uint user, uint group)
    {
        if (IsNone || !CurrentUser.IsRoot)
        {
            return;
        }

        using DirectoryHandle parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        byte[] nameZ = FilePath.Terminated(Path.GetFileName(path));
        Errno.ThrowIfSet("chown", parent.SetOwner(nameZ, user, group), nameZ);
    }

    private static bool IsName(string name, out uint user, out uint group)
    {
        string[] parts = name.Split('.');
        (user, group) = (0, 0);
        return parts.Length == 2 && TryParse(parts[0], out user) && TryParse(parts[1], out group) && user > 0 && group > 0;
    }

    // dockerd before 20.10 makes the root's owner the containers' root; later versions only set its group.
    private static bool BelongsTo(string path, uint user, uint group)
    {
        if (!Directory.Exists(path))
        {
            return false;
        }

        using DirectoryHandle directory = DirectoryHandle.Open(path);
        return directory.TryGetStatus(".\0"u8, out FileStatus status) == Errno.None && (status.Group == group || status.User == user);
    }

    private static Range[] Ranges(uint first, string text) => TryFind(first, text) ?? [new Range(0, first, UsualCount)];

    // As the daemon does it: all ranges of the user, lowest first, one after the other.
    private static Range[]? TryFind(uint first, string text)
    {
        var all = new List<(string Name, uint First, uint Count)>();
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Trim().Split(':');
            if (parts.Length == 3 && TryParse(parts[1], out uint start) && TryParse(parts[2], out uint count) && count > 0)
            {
                all.Add((parts[0], start, count));
            }
        }

        foreach (IGrouping<string, (string Name, uint First, uint Count)> own in all.GroupBy(range => range.Name))
        {
            (string Name, uint First, uint Count)[] ordered = [.. own.OrderBy(range => range.First)];
            if (ordered[0].First == first)
            {
                long next = 0;
                return [.. ordered.Select(range => new Range((next += range.Count) - range.Count, range.First, range.Count))];
            }
        }

        return null;
    }

    private static uint? ToHost(Range[] ranges, long id)
    {
        foreach (Range range in ranges)
        {
            if (id >= range.Layer && id - range.Layer < range.Count)
            {
                return (uint)(range.Host + (id - range.Layer));
            }
        }

        return null;
    }

    private static uint? ToLayer(Range[] ranges, uint id)
    {
        foreach (Range range in ranges)
        {
            if (id >= range.Host && id - range.Host < range.Count)
            {
                return (uint)(range.Layer + (id - range.Host));
            }
        }

        return null;
    }

    private static bool TryParse(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private readonly record struct Range(long Layer, uint Host, uint Count);
}
