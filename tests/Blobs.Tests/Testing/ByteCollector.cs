using Blobs.Buffers;

namespace Blobs.Tests.Testing;

/// <summary>A sink that keeps all bytes.</summary>
internal sealed class ByteCollector : IByteSink
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
}
