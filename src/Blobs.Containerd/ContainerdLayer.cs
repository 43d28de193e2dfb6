using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>A layer in containerd's content store: its blob, byte for byte.</summary>
internal sealed class ContainerdLayer(ContainerdStore store, DiffId diffId, Descriptor descriptor) : ImageLayer(diffId, descriptor)
{
    public override bool CanOpenAt => true;

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) => OpenAtAsync(0, cancellationToken);

    public override async ValueTask<Stream> OpenAtAsync(long offset, CancellationToken cancellationToken = default)
    {
        Digest digest = Descriptor!.Digest;
        bool isThere = await Failures.OfAsync($"blob {digest}", async () =>
            await store.Content.FindAsync(digest, cancellationToken).ConfigureAwait(false) is not null).ConfigureAwait(false);
        return isThere
            ? ContentBlob.Open(store.Services, digest, offset)
            : throw new NotFoundException(
                $"{digest}", $"layer {digest}: containerd has unpacked it, or has it not at all, but does not keep its blob");
    }
}
