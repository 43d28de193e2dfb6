using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>A layer with a kept blob.</summary>
[SupportedOSPlatform("linux")]
internal sealed class KeptBlobLayer(BlobDirectory blobs, DiffId diffId, Descriptor blob) : ImageLayer(diffId, blob)
{
    private readonly Digest _digest = blob.Digest;

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(blobs.OpenRead(_digest));
}
