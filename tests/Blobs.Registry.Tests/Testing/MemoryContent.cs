using Blobs.Distribution.Storage;

namespace Blobs.Registry.Tests.Testing;

/// <summary>The bytes of a blob in memory, of which the last ones may be missing.</summary>
internal sealed class MemoryContent(byte[] content, int missing = 0) : IStoredContent
{
    public long Length => content.Length;

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default)
    {
        ReadOnlySpan<byte> rest = content.AsSpan((int)offset..^missing);
        rest = rest[..Math.Min(rest.Length, target.Length)];
        rest.CopyTo(target.Span);
        return new(rest.Length);
    }

    public ValueTask DisposeAsync() => default;
}
