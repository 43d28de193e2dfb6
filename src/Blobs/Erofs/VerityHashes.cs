using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Erofs;

/// <summary>The hashes of one level of a dm-verity tree, one behind the other: the first 16 MiB in memory, the rest in a temporary file if
/// there is one.</summary>
internal sealed class VerityHashes(Func<Stream>? openSpill) : IDisposable
{
    public const int HashBytes = 32;

    private const int MemoryBytes = 16 << 20;
    private const int SpillBufferBytes = 64 << 10;

    private readonly int _memoryMax = openSpill is null ? Array.MaxLength & -HashBytes : MemoryBytes;
    private byte[] _memory = new byte[SpillBufferBytes];
    private int _used;
    private BufferedStream? _spill;

    public long Count { get; private set; }

    public void Add(ReadOnlySpan<byte> hash)
    {
        Count++;
        if (_used < _memoryMax)
        {
            Grow();
            hash.CopyTo(_memory.AsSpan(_used));
            _used += HashBytes;
            return;
        }

        _spill ??= openSpill is null ? throw TooMany() : new BufferedStream(openSpill(), SpillBufferBytes);
        _spill.Write(hash);
    }

    /// <summary>Replaces one of the first hashes.</summary>
    public void Replace(int index, ReadOnlySpan<byte> hash) => hash.CopyTo(_memory.AsSpan(index * HashBytes, HashBytes));

    /// <summary>Reads hashes from an offset on; less than asked for only at the end. Call it in order.</summary>
    public int Read(long offset, Span<byte> target)
    {
        int inMemory = (int)Math.Clamp(_used - offset, 0, target.Length);
        if (inMemory > 0)
        {
            _memory.AsSpan((int)offset, inMemory).CopyTo(target);
        }

        if (inMemory == target.Length || _spill is null)
        {
            return inMemory;
        }

        long spilled = offset + inMemory - _used;
        if (_spill.Position != spilled)
        {
            _spill.Position = spilled;
        }

        return inMemory + _spill.ReadAtLeast(target[inMemory..], target.Length - inMemory, throwOnEndOfStream: false);
    }

    public void Dispose() => _spill?.Dispose();

    private void Grow()
    {
        if (_used == _memory.Length)
        {
            Array.Resize(ref _memory, (int)Math.Min(2L * _memory.Length, _memoryMax));
        }
    }

    private LimitExceededException TooMany() => Throw.Limit("the memory of one array", _memoryMax, "erofs: the dm-verity tree");
}
