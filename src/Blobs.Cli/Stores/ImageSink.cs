using Blobs.Distribution.Client;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>Where <c>pull</c> and <c>load</c> put images.</summary>
internal abstract class ImageSink : IDisposable
{
    /// <summary>The directory or address.</summary>
    public abstract string Name { get; }

    /// <summary>How layers are kept there.</summary>
    public abstract string Driver { get; }

    /// <summary>Fetches an image from its registry.</summary>
    public abstract Task<TakenImage> PullAsync(
        RegistryClient client,
        ImageReference reference,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken);

    /// <summary>Takes the images of an archive or a layout.</summary>
    /// <param name="path">The archive or layout; <c>-</c> is standard input.</param>
    /// <param name="client">Fetches foreign layers.</param>
    /// <param name="options">Which images.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public abstract Task<IReadOnlyList<TakenImage>> LoadAsync(
        string path,
        RegistryClient client,
        SinkOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken);

    public abstract void Dispose();
}
