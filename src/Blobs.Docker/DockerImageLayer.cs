using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Pipeline;

namespace Blobs.Docker;

/// <summary>A layer in a Docker data root. Its tar is rebuilt and verified while it is read.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DockerImageLayer(LayerStore store, ChainId id, DiffId diffId) : ImageLayer(diffId, null)
{
    public override bool IsVerifiedTar => true;

    public override long? GetLength() => store.TarLengthOf(id);

    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
        await store.OpenTarAsync(id, cancellationToken).ConfigureAwait(false);

    public override Task<EncodedLayer> EncodeAsync(
        Stream target, LayerEncodeOptions options, CancellationToken cancellationToken = default) =>
        store.ExportAsync(id, target, options, cancellationToken);
}
