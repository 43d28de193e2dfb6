using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Blobs.Erofs;

/// <summary>
/// The map of a sparse file: which of its chunks have data, and where. The image has a number for each chunk; in memory, runs of chunks
/// that lie behind each other take one record.
/// </summary>
internal readonly ref struct ErofsSparseMap
{
    private const int HeaderBytes = 12;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">What <see cref="Bytes"/> of such a map returned.</param>
    public ErofsSparseMap(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The map, to be kept.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Logarithm of the size of a chunk.</summary>
    public int ChunkBits => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    /// <summary>Number of chunks of the file.</summary>
    public long ChunkCount => BinaryPrimitives.ReadInt64LittleEndian(_bytes[sizeof(int)..]);

    /// <summary>Bytes of the table in the image.</summary>
    public long TableBytes => ChunkCount * sizeof(uint);

    private ReadOnlySpan<ErofsRun> Runs => MemoryMarshal.Cast<byte, ErofsRun>(_bytes[HeaderBytes..]);

    /// <summary>Begins a map, to which <see cref="AddRun"/> adds.</summary>
    public static void Begin(ArrayBufferWriter<byte> target, int chunkBits, long fileBytes)
    {
        target.ResetWrittenCount();
        Span<byte> header = target.GetSpan(HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header, chunkBits);
        BinaryPrimitives.WriteInt64LittleEndian(header[sizeof(int)..], ((fileBytes - 1) >> chunkBits) + 1);
        target.Advance(HeaderBytes);
    }

    /// <summary>Adds a run of chunks behind all others.</summary>
    public static void AddRun(ArrayBufferWriter<byte> target, ErofsRun run) => target.Write(MemoryMarshal.AsBytes([run]));

    /// <summary>Writes the table.</summary>
    /// <param name="output">Takes the table.</param>
    /// <param name="blockBits">Logarithm of the image's block size.</param>
    public void WriteTable(ErofsOutput output, int blockBits)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        uint chunkBlocks = 1u << (ChunkBits - blockBits);
        long chunk = 0;
        foreach (ErofsRun run in Runs)
        {
            chunk = WriteHoles(output, chunk, run.FirstChunk);
            for (uint i = 0; i < run.ChunkCount; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(number, run.StartBlock + (i * chunkBlocks));
                output.Write(number);
                chunk++;
            }
        }

        WriteHoles(output, chunk, ChunkCount);
    }

    private static long WriteHoles(ErofsOutput output, long chunk, long end)
    {
        for (; chunk < end; chunk++)
        {
            output.Write([0xff, 0xff, 0xff, 0xff]);
        }

        return end;
    }
}
