using System.Buffers;
using System.Numerics;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>The data of <see cref="ErofsLayout.Tar"/>: the tar, byte for byte. Its contents begin at multiples of 512, which is the block
/// size of the image.</summary>
/// <param name="output">Takes the tar.</param>
/// <param name="text">Takes the maps of sparse files.</param>
/// <param name="limits">Limits on the input.</param>
/// <param name="isWrittenElsewhere">Whether something else writes the tar, so that its bytes are only counted here.</param>
internal sealed class TarData(ErofsOutput output, ErofsText text, Limits limits, bool isWrittenElsewhere)
    : ErofsData(output, text, limits, ErofsFormat.TarBlockBits)
{
    private const int ChunkBitsMax = 30;

    private readonly ArrayBufferWriter<byte> _map = new();
    private long _position = output.Position;

    public override void Framing(ReadOnlySpan<byte> bytes) => Take(bytes);

    public override void Skip(ReadOnlySpan<byte> bytes) => Take(bytes);

    public override ErofsContent Begin(TarEntry file)
    {
        if (file.Size == 0)
        {
            return new ErofsContent(ErofsFormat.NoBlock, 0);
        }

        BlockAt(_position + file.StoredBytes);
        return file.IsSparse ? BeginSparse(file) : new ErofsContent(BlockAt(_position), 0);
    }

    public override void Write(TarEntry file, ReadOnlySpan<byte> bytes) => Take(bytes);

    public override void End()
    {
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _position += bytes.Length;
        if (!isWrittenElsewhere)
        {
            Output.Write(bytes);
        }
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
        long start = _position;
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
