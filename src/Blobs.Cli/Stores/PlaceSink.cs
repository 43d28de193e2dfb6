using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>A place that needs no lock from the beginning: a store of podman, a directory of EROFS images.</summary>
/// <param name="name">The directory or address.</param>
/// <param name="driver">How layers are kept there.</param>
/// <param name="place">The place, without the name of an image.</param>
/// <param name="write">How to write.</param>
[SupportedOSPlatform("linux")]
internal sealed class PlaceSink(string name, string driver, ImagePlace place, CopyOptions write) : ImageSink
{
    public override string Name => name;

    public override string Driver => driver;

    public override Task<TakenImage> PullAsync(
        RegistryClient client,
        ImageReference reference,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken) =>
        ImagePuller.PullAsync(client, reference, place, With(options, client), progress, cancellationToken);

    public override async Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        RegistryClient client,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        CopyOptions load = With(options, client);
        if (path != InputFile.StandardInput)
        {
            return await ImageLoader.LoadAsync(path, place, load, progress, cancellationToken).ConfigureAwait(false);
        }

        await using Stream input = InputFile.OpenRead(path);
        return await ImageLoader.LoadAsync(input, "standard input", place, load, progress, cancellationToken).ConfigureAwait(false);
    }

    public override void Dispose()
    {
    }

    private CopyOptions With(SinkOptions options, RegistryClient client) => options.KeepBlobs
        ? throw new WorkFailedException($"{name}: --keep-blob is for Docker data roots")
        : write with { Platform = options.Platform, LayersAtOnce = options.LayersAtOnce, Client = client };
}
