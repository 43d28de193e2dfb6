using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Writes an archive to an <see cref="OutputFile"/>, which is committed when the archive is
/// complete.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ArchiveFileTarget(OutputFile file, IImageTarget archive) : IImageTarget
{
    public static async Task<ArchiveFileTarget> OpenAsync(
        string name, Func<Stream, IImageTarget> archive, CancellationToken cancellationToken)
    {
        OutputFile file = await OutputFile.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        return new ArchiveFileTarget(file, archive(file.Stream));
    }

    public Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default) => archive.TakeAsync(image, names, progress, cancellationToken);

    public Task<TakenLayer> TakeLayerAsync(
        NewLayer layer, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default) =>
        archive.TakeLayerAsync(layer, progress, cancellationToken);

    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        await archive.CommitAsync(cancellationToken).ConfigureAwait(false);
        file.Commit();
    }

    public async ValueTask DisposeAsync()
    {
        await archive.DisposeAsync().ConfigureAwait(false);
        await file.DisposeAsync().ConfigureAwait(false);
    }
}
