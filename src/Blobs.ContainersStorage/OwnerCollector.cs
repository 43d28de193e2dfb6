using Blobs.Tar;

namespace Blobs.ContainersStorage;

/// <summary>Passes a layer's entries on, and collects their owners, which the layer's record names. Whiteouts do not
/// count.</summary>
internal sealed class OwnerCollector(ITarSink target) : ITarSink
{
    private readonly SortedSet<uint> _users = [];
    private readonly SortedSet<uint> _groups = [];

    /// <summary>The users, in ascending order.</summary>
    public IEnumerable<uint> Users => _users;

    /// <summary>The groups, in ascending order.</summary>
    public IEnumerable<uint> Groups => _groups;

    public void Framing(ReadOnlySpan<byte> bytes) => target.Framing(bytes);

    public void Entry(TarEntry entry)
    {
        target.Entry(entry);
        ReadOnlySpan<byte> name = entry.Name.TrimEnd((byte)'/');
        name = name[(name.LastIndexOf((byte)'/') + 1)..];
        if (entry.Type != TarEntryType.GlobalExtension && !name.StartsWith(WhiteoutName.Prefix))
        {
            _users.Add((uint)entry.Uid);
            _groups.Add((uint)entry.Gid);
        }
    }

    public void Payload(ReadOnlySpan<byte> bytes) => target.Payload(bytes);

    public void EndEntry() => target.EndEntry();

    public void EndOfArchive() => target.EndOfArchive();
}
