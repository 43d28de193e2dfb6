using System.Globalization;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>
/// Whose files are whose in a data root of a daemon that remaps users (<c>dockerd --userns-remap</c>). Such a root is called
/// <c>UID.GID</c>, after who is root in its containers; the ids of layers are shifted by that on disk. How far they reach nothing in
/// the root says: <c>/etc/subuid</c> and <c>/etc/subgid</c> do, where the daemon read it too.
/// </summary>
public sealed class OwnerMap
{
    // What useradd gives a user, and so what a daemon has that was told to make its own.
    private const uint UsualCount = 65536;

    private readonly Range[] _users;
    private readonly Range[] _groups;

    private OwnerMap(Range[] users, Range[] groups)
    {
        _users = users;
        _groups = groups;
    }

    /// <summary>Ids are what they are.</summary>
    public static OwnerMap None { get; } = new([], []);

    /// <summary>Whether owners stay as they are.</summary>
    public bool IsNone => _users.Length == 0;

    /// <summary>Who is root in containers.</summary>
    public uint Root => IsNone ? 0 : _users[0].Host;

    /// <summary>Root's group in containers.</summary>
    public uint RootGroup => IsNone ? 0 : _groups[0].Host;

    /// <summary>The ids of a data root. A name alone may be a date: the root must be open to such a group or its user's, or the machine
    /// must have ids that begin there.</summary>
    public static OwnerMap Of(string root)
    {
        string path = DirectoryHandle.RealPath(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        if (!IsName(Path.GetFileName(path), out uint user, out uint group))
        {
            return None;
        }

        string users = SmallFile.TryReadText("/etc/subuid") ?? "";
        string groups = SmallFile.TryReadText("/etc/subgid") ?? "";
        bool isKnown = TryFind(user, users) is not null && TryFind(group, groups) is not null;
        return isKnown || BelongsTo(path, user, group) ? From(user, group, users, groups) : None;
    }

    /// <summary>The ids that begin at two of this machine's.</summary>
    /// <param name="user">Who is root in containers.</param>
    /// <param name="group">Root's group in containers.</param>
    /// <param name="users">What <c>/etc/subuid</c> says: lines of <c>NAME:FIRST:COUNT</c>.</param>
    /// <param name="groups">What <c>/etc/subgid</c> says.</param>
    public static OwnerMap From(uint user, uint group, string users, string groups) => new(Ranges(user, users), Ranges(group, groups));

    /// <summary>Whether such a root may have this name.</summary>
    public static bool IsName(string name) => IsName(name, out _, out _);

    /// <summary>A layer's user on this machine; null when there is none for it.</summary>
    public uint? HostUser(long id) => ToHost(_users, id);

    /// <summary>A layer's group on this machine; null when there is none for it.</summary>
    public uint? HostGroup(long id) => ToHost(_groups, id);

    /// <summary>The layer's user that one of this machine stands for; null when it is none of them.</summary>
    public uint? LayerUser(uint id) => ToLayer(_users, id);

    /// <summary>The layer's group that one of this machine stands for; null when it is none of them.</summary>
    public uint? LayerGroup(uint id) => ToLayer(_groups, id);

    /// <summary>Gives a file or directory of ours to the containers' root.</summary>
    public void GiveToRoot(string path) => Set(path, Root, RootGroup);

    /// <summary>Lets the containers' root pass through a directory of ours, which stays ours.</summary>
    public void LetThrough(string path) => Set(path, uint.MaxValue, RootGroup);

    private void Set(string path, uint user, uint group)
    {
        if (IsNone || !CurrentUser.IsRoot)
        {
            return;
        }

        using DirectoryHandle parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        byte[] nameZ = DirectoryHandle.Terminated(Path.GetFileName(path));
        Errno.ThrowIfSet("chown", parent.SetOwner(nameZ, user, group), nameZ);
    }

    private static bool IsName(string name, out uint user, out uint group)
    {
        string[] parts = name.Split('.');
        (user, group) = (0, 0);
        return parts.Length == 2 && TryParse(parts[0], out user) && TryParse(parts[1], out group) && user > 0 && group > 0;
    }

    // Engines have made it the containers' root's own, and since 20.10 their own and its group's.
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

    // As the daemon puts them together: all of the user's, the lowest first, one behind the other.
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
