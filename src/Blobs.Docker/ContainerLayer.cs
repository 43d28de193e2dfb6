using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Images;
using Blobs.Streams;

namespace Blobs.Docker;

/// <summary>The changes of a container as a layer. They are compared while it is read, and have no digest before.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainerLayer(LayerStore store, string name) : ImageLayer(default, null)
{
    public override bool IsVerifiedTar => true;

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<Stream>(
        new ProducedStream((target, stop) => store.DiffAsync(name, target, cancellationToken: stop)));
}
