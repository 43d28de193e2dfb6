using System.Buffers;
using System.Numerics;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>The data of <see cref="ErofsLayout.Tar"/>: the tar, byte for byte. Its contents begin at multiples of 512, which is the block
/// size of the image.</summary>
internal sealed class TarData(ErofsOutput output, ErofsText text, Limits limits)
    : ErofsData(output, text, limits, ErofsFormat.TarBlockBits)
{
    private const int ChunkBitsMax = 30;

    private readonly ArrayBufferWriter<byte> _map = new();

    public override void Framing(ReadOnlySpan<byte> bytes) => Output.Write(bytes);

    public override void Skip(ReadOnlySpan<byte> bytes) => Output.Write(bytes);

    public override ErofsContent Begin(TarEntry file)
    {
        if (file.Size == 0)
        {
            return new ErofsContent(ErofsFormat.NoBlock, 0);
        }

        BlockAt(Output.Position + file.StoredBytes);
        return file.IsSparse ? BeginSparse(file) : new ErofsContent(BlockAt(Output.Position), 0);
    }

    public override void Write(TarEntry file, ReadOnlySpan<byte> bytes) => Output.Write(bytes);

    public override void End()
    {
    }

    // The chunks are as large as the runs allow: each must begin at a multiple of its size in the file.
    private ErofsContent BeginSparse(TarEntry file)
    {
        long edges = 0;
        foreach (SparseChunk run in file.SparseMap)
        {
            long end = run.Offset + run.Length;
            edges |= run.Length == 0 ? 0 : run.Offset | (end == file.Size ? 0 : end);
        }

        int chunkBits = edges == 0 ? ChunkBitsMax : Math.Min(BitOperations.TrailingZeroCount(edges), ChunkBitsMax);
        if (chunkBits < BlockBits)
        {
            throw ErofsRefusal.Of(
                Fault.ErofsEntry,
                file,
                "is sparse, with data that does not begin and end at multiples of 512; the plain layout can hold it");
        }

        ErofsSparseMap.Begin(_map, chunkBits, file.Size);
        long start = Output.Position;
        foreach (SparseChunk run in file.SparseMap)
        {
            if (run.Length > 0)
            {
                long first = run.Offset >> chunkBits;
                long count = ((run.Length - 1) >> chunkBits) + 1;
                CheckChunk(first + count, file);
                ErofsSparseMap.AddRun(_map, new ErofsRun((uint)first, (uint)count, BlockAt(start)));
                start += run.Length;
            }
        }

        return new ErofsContent(ErofsFormat.NoBlock, Keep(new ErofsSparseMap(_map.WrittenSpan)));
    }

    private static void CheckChunk(long chunk, TarEntry file)
    {
        if (chunk > uint.MaxValue)
        {
            throw ErofsRefusal.Of(Fault.ErofsEntry, file, "is sparse, and too large for its map");
        }
    }
}
