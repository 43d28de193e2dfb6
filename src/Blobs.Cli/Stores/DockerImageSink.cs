using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>A Docker data root.</summary>
/// <param name="root">The root.</param>
/// <param name="held">The lock on it, if it is locked.</param>
[SupportedOSPlatform("linux")]
internal sealed class DockerImageSink(DockerRoot root, IDisposable? held) : ImageSink
{
    public override string Name => root.Path;

    public override string Driver => root.DriverName;

    public override Task<TakenImage> PullAsync(
        RegistryClient client,
        ImageReference reference,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var pull = new PullOptions
        {
            Platform = options.Platform,
            LayersAtOnce = options.LayersAtOnce,
            KeepBlobs = options.KeepBlobs,
        };
        return ImagePuller.PullAsync(client, reference, root, pull, progress, cancellationToken);
    }

    public override async Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        RegistryClient client,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var load = new LoadOptions { Platform = options.Platform, Client = client };
        if (path != InputFile.StandardInput)
        {
            return await ImageLoader.LoadAsync(path, root, load, progress, cancellationToken).ConfigureAwait(false);
        }

        await using Stream input = InputFile.OpenRead(path);
        return await ImageLoader.LoadAsync(input, "standard input", root, load, progress, cancellationToken).ConfigureAwait(false);
    }

    public override void Dispose() => held?.Dispose();
}
