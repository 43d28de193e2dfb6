using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>A layer in a registry. It is fetched as it is read.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RegistryLayer(RegistryRepository repository, DiffId diffId, Descriptor blob) : ImageLayer(diffId, blob)
{
    private readonly Descriptor _blob = blob;

    public override bool IsRemote => true;

    public override string Repository => repository.Name;

    public override bool CanOpenAt => true;

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) => OpenAtAsync(0, cancellationToken);

    public override async ValueTask<Stream> OpenAtAsync(long offset, CancellationToken cancellationToken = default) =>
        await repository.OpenUncheckedAsync(_blob, offset, cancellationToken).ConfigureAwait(false);
}
