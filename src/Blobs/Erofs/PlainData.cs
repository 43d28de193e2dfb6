using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>
/// The data of <see cref="ErofsLayout.Plain"/>: each file by itself, from a block of its own. Of a sparse file, only chunks with data are
/// written.
/// </summary>
internal sealed class PlainData(ErofsOutput output, ErofsText text, Limits limits)
    : ErofsData(output, text, limits, ErofsFormat.PlainBlockBits)
{
    // A table of up to 1 MiB has chunks of one block, which waste least. Longer files have larger chunks.
    private const int ChunksWanted = 1 << 18;
    private const int ChunkBitsMax = 20;

    private readonly ArrayBufferWriter<byte> _map = new();
    private int _chunkBits;
    private long _start;
    private int _run;
    private long _runPosition;
    private long _lastChunk;
    private long _lastPlace;

    public override void Framing(ReadOnlySpan<byte> bytes)
    {
    }

    public override void Skip(ReadOnlySpan<byte> bytes)
    {
    }

    public override ErofsContent Begin(TarEntry file)
    {
        if (file.Size == 0)
        {
            return new ErofsContent(ErofsFormat.NoBlock, 0);
        }

        _start = Output.Position;
        BlockAt(_start + (file.IsSparse ? 0 : file.Size));
        return file.IsSparse ? BeginSparse(file) : new ErofsContent(BlockAt(_start), 0);
    }

    public override void Write(TarEntry file, ReadOnlySpan<byte> bytes)
    {
        if (!file.IsSparse)
        {
            Output.Write(bytes);
            return;
        }

        while (!bytes.IsEmpty && _run < file.SparseMap.Length)
        {
            SparseChunk run = file.SparseMap[_run];
            if (_runPosition == run.Length)
            {
                _run++;
                _runPosition = 0;
                continue;
            }

            if (_runPosition == 0)
            {
                Output.PadTo(_start + PlaceOf(run));
            }

            int length = (int)Math.Min(bytes.Length, run.Length - _runPosition);
            Output.Write(bytes[..length]);
            _runPosition += length;
            bytes = bytes[length..];
        }
    }

    public override void End() => Output.Align(BlockBytes);

    private ErofsContent BeginSparse(TarEntry file)
    {
        _chunkBits = BlockBits;
        while (_chunkBits < ChunkBitsMax && (file.Size - 1) >> _chunkBits >= ChunksWanted)
        {
            _chunkBits++;
        }

        long chunkCount = ((file.Size - 1) >> _chunkBits) + 1;
        if (chunkCount > Limits.ErofsMetadataBytes / sizeof(uint))
        {
            Throw.LimitExceeded(
                nameof(Limits.ErofsMetadataBytes), Limits.ErofsMetadataBytes, $"erofs: the map of {Printable.Quote(file.Name)}");
        }

        ErofsSparseMap.Begin(_map, _chunkBits, file.Size);
        BeginRuns();
        var open = default(ErofsRun);
        foreach (SparseChunk run in file.SparseMap)
        {
            if (run.Length > 0)
            {
                open = AddChunks(open, run);
            }
        }

        AddRun(open);
        BeginRuns();
        return new ErofsContent(ErofsFormat.NoBlock, Keep(new ErofsSparseMap(_map.WrittenSpan)));
    }

    private void BeginRuns()
    {
        _run = 0;
        _runPosition = 0;
        _lastChunk = -1;
        _lastPlace = -1;
    }

    // Where the data of a run begins, behind the start of the file's data. The runs are asked for in order: one that begins in the
    // chunk where the one before ended shares that chunk.
    private long PlaceOf(SparseChunk run)
    {
        long first = run.Offset >> _chunkBits;
        long place = first == _lastChunk ? _lastPlace : _lastPlace + 1;
        _lastChunk = (run.Offset + run.Length - 1) >> _chunkBits;
        _lastPlace = place + _lastChunk - first;
        return (place << _chunkBits) + (run.Offset & ((1L << _chunkBits) - 1));
    }

    private ErofsRun AddChunks(ErofsRun open, SparseChunk run)
    {
        long first = run.Offset >> _chunkBits;
        uint block = BlockAt(_start + ((PlaceOf(run) >> _chunkBits) << _chunkBits));
        BlockAt(_start + ((_lastPlace + 1) << _chunkBits));
        long openEnd = open.FirstChunk + (long)open.ChunkCount;
        if (open.ChunkCount > 0 && first <= openEnd)
        {
            return open with { ChunkCount = (uint)(_lastChunk + 1 - open.FirstChunk) };
        }

        AddRun(open);
        return new ErofsRun((uint)first, (uint)(_lastChunk + 1 - first), block);
    }

    private void AddRun(ErofsRun run)
    {
        if (run.ChunkCount > 0)
        {
            ErofsSparseMap.AddRun(_map, run);
        }
    }
}
