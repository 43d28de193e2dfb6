using System.Buffers;
using System.Runtime.InteropServices;
using Blobs.Files;
using Blobs.Files.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Trees;

/// <summary>
/// Directory metadata to apply after all entries have been created: times, which each new entry would change, and,
/// without root, modes that might forbid new entries. Stored compactly: about 60 bytes and the name for each directory.
/// </summary>
internal sealed class DirectoryTimes : IDisposable
{
    /// <summary>The mode is not to be set.</summary>
    public const uint NoMode = uint.MaxValue;

    private readonly ArrayPoolBufferWriter<byte> _records = new(1024);
    private readonly List<int> _starts = [];

    public void Add(SafePath path, FileTimes times, uint mode)
    {
        var head = new Head { Times = times, Mode = mode, ParentLength = path.Parent.Length, BaseLength = path.Base.Length };
        _starts.Add(_records.WrittenCount);
        _records.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Head>(in head)));
        _records.Write(path.Parent);
        _records.Write("\0"u8);
        _records.Write(path.BaseZ);
    }

    /// <summary>Applies all of it. For a directory that came several times, the last one counts.</summary>
    /// <param name="directories">The tree.</param>
    /// <param name="skipsMissing">Whether a later entry may have removed a directory.</param>
    public void Apply(DirectoryCache directories, bool skipsMissing = false)
    {
        // Set all times first, while every directory can still be entered.
        var modes = new Dictionary<ulong, int>();
        for (int i = 0; i < _starts.Count; i++)
        {
            if (skipsMissing && IsMissing(directories, i))
            {
                continue;
            }

            DirectoryHandle parent = OpenParent(directories, i, out Head head, out ReadOnlySpan<byte> nameZ);
            Errno.ThrowIfSet("utimensat", parent.SetTimes(nameZ, head.Times), nameZ);
            if (head.Mode != NoMode)
            {
                Errno.ThrowIfSet("stat", parent.TryGetStatus(nameZ, out FileStatus status), nameZ);
                modes[status.Inode] = i;
            }
        }

        // Longest path first: a mode may block access to the directories below.
        foreach (int i in modes.Values.OrderByDescending(i => Read(i).PathLength))
        {
            DirectoryHandle parent = OpenParent(directories, i, out Head head, out ReadOnlySpan<byte> nameZ);
            Errno.ThrowIfSet("chmod", parent.SetMode(nameZ, head.Mode), nameZ);
        }
    }

    public void Dispose() => _records.Dispose();

    private Head Read(int index) => MemoryMarshal.Read<Head>(_records.WrittenSpan[_starts[index]..]);

    private bool IsMissing(DirectoryCache directories, int index)
    {
        int errno = TryOpenParent(directories, index, out _, out ReadOnlySpan<byte> nameZ, out _, out DirectoryHandle parent);
        FileStatus status = default;
        return errno != Errno.None || parent.TryGetStatus(nameZ, out status) != Errno.None || !status.IsDirectory;
    }

    private DirectoryHandle OpenParent(DirectoryCache directories, int index, out Head head, out ReadOnlySpan<byte> nameZ)
    {
        int errno = TryOpenParent(directories, index, out head, out nameZ, out ReadOnlySpan<byte> parentZ, out DirectoryHandle parent);
        Errno.ThrowIfSet("open", errno, parentZ);
        return parent;
    }

    private int TryOpenParent(
        DirectoryCache directories,
        int index,
        out Head head,
        out ReadOnlySpan<byte> nameZ,
        out ReadOnlySpan<byte> parentZ,
        out DirectoryHandle parent)
    {
        head = Read(index);
        ReadOnlySpan<byte> record = _records.WrittenSpan[(_starts[index] + Marshal.SizeOf<Head>())..];
        parentZ = record[..(head.ParentLength + 1)];
        nameZ = record.Slice(head.ParentLength + 1, head.BaseLength + 1);
        return directories.TryGet(parentZ[..^1], parentZ, out parent);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public FileTimes Times;
        public uint Mode;
        public int ParentLength;
        public int BaseLength;
        public int Filler;

        public readonly int PathLength => ParentLength + BaseLength;
    }
}
