using Blobs.Hashing;
using Blobs.Images;

namespace Blobs.Tests.Testing;

/// <summary>A layer of an image in memory; counts how often it is opened.</summary>
internal sealed class MemoryLayer(byte[] tar, byte[]? bytes = null)
    : ImageLayer(DiffId.Parse($"{Digest.OfSha256(tar)}", null), null)
{
    public int OpenCount { get; private set; }

    public override long? GetLength() => (bytes ?? tar).Length;

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default)
    {
        OpenCount++;
        return ValueTask.FromResult<Stream>(new MemoryStream(bytes ?? tar, writable: false));
    }
}
