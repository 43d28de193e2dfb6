using System.Buffers;
using System.Text;

namespace Blobs.Files;

/// <summary>A path of ours as the kernel wants it, UTF-8 with a NUL behind it, on the caller's stack unless it is long.</summary>
internal ref struct KernelPath
{
    /// <summary>What a caller should lend.</summary>
    public const int StackBytes = 512;

    private byte[]? _rented;

    public KernelPath(string path, Span<byte> stack)
    {
        int length = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        Span<byte> target = length <= stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(length);
        int written = Encoding.UTF8.GetBytes(path, target);
        target[written] = 0;
        BytesZ = target[..(written + 1)];
    }

    public ReadOnlySpan<byte> BytesZ { get; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }
    }
}
