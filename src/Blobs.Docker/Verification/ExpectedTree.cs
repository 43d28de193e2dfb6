using System.Text;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Docker.Verification;

/// <summary>Computes, from a layer's tar, the tree that <see cref="Trees.TreeWriter"/> must have made.</summary>
internal sealed class ExpectedTree(Limits limits) : ITarSink
{
    private static readonly string WhiteoutPrefix = Encoding.Latin1.GetString(WhiteoutName.Prefix);
    private static readonly string OpaqueName = Encoding.Latin1.GetString(WhiteoutName.Opaque);

    private readonly SafePath _path = new(limits);

    /// <summary>Entries by path; the path's bytes are read as Latin-1.</summary>
    public Dictionary<string, ExpectedEntry> Entries { get; } = [];

    /// <summary>Opaque directories.</summary>
    public HashSet<string> Opaque { get; } = [];

    /// <summary>Sum of the size fields of all headers, which some drivers report as the layer's size.</summary>
    public long HeaderBytes { get; private set; }

    public long Count { get; private set; }

    public void Entry(TarEntry entry)
    {
        Count++;
        HeaderBytes += entry.Size;
        if (entry.Type == TarEntryType.GlobalExtension || PathOf(entry.Name) is not { } path)
        {
            return;
        }

        int nameStart = path.LastIndexOf('/') + 1;
        ReadOnlySpan<char> name = path.AsSpan(nameStart);
        if (name.SequenceEqual(OpaqueName))
        {
            Opaque.Add(path[..Math.Max(0, nameStart - 1)]);
            return;
        }

        if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            // A whiteout does not affect entries of its own layer.
            Entries.TryAdd(
                path.Remove(nameStart, WhiteoutPrefix.Length),
                new ExpectedEntry { Type = TarEntryType.CharacterDevice, IsWhiteout = true });
            return;
        }

        if (entry.Type == TarEntryType.HardLink && PathOf(entry.LinkName) is { } target && Entries.GetValueOrDefault(target) is { } linked)
        {
            // dockerd sets owner, attributes, mode and times again, and setting the owner clears capabilities.
            linked.Xattrs?.Remove("security.capability");
            linked.Take(entry, Count);
            Entries[path] = linked;
            return;
        }

        if (entry.Type == TarEntryType.Directory && Entries.GetValueOrDefault(path) is { Type: TarEntryType.Directory } directory)
        {
            directory.Take(entry, Count);
            return;
        }

        var expected = new ExpectedEntry
        {
            Type = entry.Type,
            Target = entry.LinkName.ToArray(),
            Device = ((uint)entry.DeviceMajor, (uint)entry.DeviceMinor),
        };
        expected.Take(entry, Count);
        Entries[path] = expected;
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
    }

    public void EndEntry()
    {
    }

    private string? PathOf(ReadOnlySpan<byte> name) =>
        _path.TrySet(name) && !_path.IsRoot ? Encoding.Latin1.GetString(_path.ToArray()) : null;
}
