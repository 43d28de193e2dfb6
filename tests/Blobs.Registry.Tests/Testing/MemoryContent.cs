using Blobs.Distribution.Storage;

namespace Blobs.Registry.Tests.Testing;

/// <summary>The bytes of a blob in memory.</summary>
internal sealed class MemoryContent(byte[] content) : IStoredContent
{
    public long Length => content.Length;

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default)
    {
        ReadOnlySpan<byte> rest = content.AsSpan((int)offset);
        rest = rest[..Math.Min(rest.Length, target.Length)];
        rest.CopyTo(target.Span);
        return new(rest.Length);
    }

    public ValueTask DisposeAsync() => default;
}
