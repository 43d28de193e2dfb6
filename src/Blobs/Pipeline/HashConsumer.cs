using Blobs.Buffers;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Pipeline;

/// <summary>The lane of <see cref="EncodeRun"/> that hashes the tar.</summary>
internal sealed class HashConsumer : ILaneConsumer<Slab>, IDisposable
{
    private readonly Sha256Hasher _hasher = new();

    /// <summary>Hash of the whole tar, set when the lane completes.</summary>
    public Sha256Value Hash { get; private set; }

    public void Consume(Slab item) => _hasher.Append(item.Data);

    public void Release(Slab item) => item.Release();

    public void Complete() => Hash = _hasher.Finish();

    public void Dispose() => _hasher.Dispose();
}
