using System.Buffers;
using System.Text;

namespace Blobs.Files;

/// <summary>A path as the kernel takes it: UTF-8, NUL-terminated, on the caller's stack unless it is long.</summary>
internal ref struct KernelPath
{
    /// <summary>Size of the stack buffer that callers pass.</summary>
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
