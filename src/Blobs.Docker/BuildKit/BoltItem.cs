using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Docker.BuildKit;

/// <summary>A key of a bucket and what is there: a value, or a bucket of its own.</summary>
internal readonly record struct BoltItem(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool IsBucket, long Offset)
{
    private const int HeaderBytes = 16;

    /// <summary>The bucket that the value describes: its root page, and behind the header its only page when it has none of its
    /// own.</summary>
    /// <exception cref="MalformedDataException">The value is too short for one.</exception>
    public BoltBucket ToBucket() => Value.Length >= HeaderBytes
        ? new BoltBucket(BinaryPrimitives.ReadUInt64LittleEndian(Value.Span), Value[HeaderBytes..], Offset + HeaderBytes)
        : throw Throw.Error(Fault.BoltDatabase, Offset, $"a bucket of {Value.Length} bytes, expected {HeaderBytes} or more");
}
