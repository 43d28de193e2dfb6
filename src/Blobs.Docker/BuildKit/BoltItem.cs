using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Docker.BuildKit;

/// <summary>A key of a bucket with its value, or with a nested bucket.</summary>
internal readonly record struct BoltItem(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool IsBucket, long Offset)
{
    private const int HeaderBytes = 16;

    /// <summary>Parses the value as a bucket: its root page, or, after the header, its inline page.</summary>
    /// <exception cref="MalformedDataException">The value is too short for a bucket.</exception>
    public BoltBucket ToBucket() => Value.Length >= HeaderBytes
        ? new BoltBucket(BinaryPrimitives.ReadUInt64LittleEndian(Value.Span), Value[HeaderBytes..], Offset + HeaderBytes)
        : throw Throw.Error(Fault.BoltDatabase, Offset, $"a bucket of {Value.Length} bytes, expected {HeaderBytes} or more");
}
