using System.Buffers;
using System.Runtime.InteropServices;
using Blobs.Files;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Layers;

/// <summary>
/// What directories get when everything in them is made: their times, which each new entry would change, and without root their mode,
/// which might forbid new entries. Kept compactly, about 60 bytes and the name for each.
/// </summary>
internal sealed class DirectoryTimes : IDisposable
{
    /// <summary>No mode to be set.</summary>
    public const uint NoMode = uint.MaxValue;

    private readonly ArrayPoolBufferWriter<byte> _records = new(1024);
    private readonly List<int> _starts = [];

    public void Add(SafePath path, Syscalls.TimePair times, uint mode)
    {
        var head = new Head { Times = times, Mode = mode, ParentLength = path.Parent.Length, BaseLength = path.Base.Length };
        _starts.Add(_records.WrittenCount);
        _records.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Head>(in head)));
        _records.Write(path.Parent);
        _records.Write("\0"u8);
        _records.Write(path.BaseZ);
    }

    /// <summary>Applies everything, the last directory first: a mode may take away the way to those below.</summary>
    public void Apply(DirectoryCache directories)
    {
        ReadOnlySpan<byte> all = _records.WrittenSpan;
        for (int i = _starts.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> record = all[_starts[i]..];
            Head head = MemoryMarshal.Read<Head>(record);
            record = record[Marshal.SizeOf<Head>()..];
            ReadOnlySpan<byte> parentZ = record[..(head.ParentLength + 1)];
            ReadOnlySpan<byte> baseZ = record.Slice(head.ParentLength + 1, head.BaseLength + 1);
            Errno.ThrowIfSet("open", directories.TryGet(parentZ[..^1], parentZ, out DirectoryHandle parent), parentZ);
            if (head.Mode != NoMode)
            {
                Errno.ThrowIfSet("chmod", parent.SetMode(baseZ, head.Mode), baseZ);
            }

            Errno.ThrowIfSet("utimensat", parent.SetTimes(baseZ, head.Times), baseZ);
        }
    }

    public void Dispose() => _records.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public Syscalls.TimePair Times;
        public uint Mode;
        public int ParentLength;
        public int BaseLength;
        public int Filler;
    }
}
