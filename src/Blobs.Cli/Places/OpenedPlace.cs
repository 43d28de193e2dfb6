using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>A place that was opened for reading; what it needs stays open until it is disposed.</summary>
/// <param name="place">The place.</param>
/// <param name="source">The image or artifact there; null for a container or a layer.</param>
/// <param name="layers">The layers, base first; none for an artifact.</param>
/// <param name="owned">What to dispose: the lock on the data root, or the client of the registry.</param>
internal sealed class OpenedPlace(Place place, OpenedSource? source, IReadOnlyList<ImageLayer> layers, IDisposable owned)
    : IAsyncDisposable
{
    public Place Place => place;

    /// <summary>The image; null for an artifact, a container or a layer.</summary>
    public IImageSource? Image => source?.Image;

    /// <summary>The artifact; null for everything else.</summary>
    public Artifact? Artifact => source?.Artifact;

    /// <summary>The layers that make up the file system, base first.</summary>
    /// <exception cref="WorkFailedException">It is an artifact, which has no file system.</exception>
    public IReadOnlyList<ImageLayer> Layers => Artifact is null
        ? layers
        : throw new WorkFailedException($"{place}: is an artifact of type {Artifact.Type}, not an image: it has no file system");

    public async ValueTask DisposeAsync()
    {
        if (source is not null)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }

        owned.Dispose();
    }
}
