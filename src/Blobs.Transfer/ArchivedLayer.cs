using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A layer in a file of an archive or a layout.</summary>
/// <param name="files">The files of the archive.</param>
/// <param name="name">Name of its file.</param>
/// <param name="diffId">Digest of its uncompressed tar.</param>
/// <param name="descriptor">Its descriptor in the manifest; null when there is no manifest.</param>
/// <param name="client">Fetches a foreign layer from its URLs; null to fetch nothing.</param>
internal sealed class ArchivedLayer(
    IArchiveFiles files, string name, DiffId diffId, Descriptor? descriptor, RegistryClient? client = null)
    : ImageLayer(diffId, descriptor)
{
    /// <summary>The file's name.</summary>
    public string Name => name;

    public override long? GetLength()
    {
        using Stream? stream = files.TryOpen(name, out long length);
        return stream is null ? null : length;
    }

    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default)
    {
        Stream? layer = files.TryOpen(name, out long length);
        if (layer is null)
        {
            return client is not null && Descriptor is { Urls.Count: > 0 } elsewhere
                ? await client.OpenForeignBlobAsync(elsewhere, cancellationToken).ConfigureAwait(false)
                : throw files.Missing(name);
        }

        if (SizeFault(length) is { } fault)
        {
            await layer.DisposeAsync().ConfigureAwait(false);
            throw fault;
        }

        return layer;
    }

    /// <summary>The error if the length differs from the descriptor's size; null if it does not, or the descriptor has
    /// none.</summary>
    public MalformedDataException? SizeFault(long length) => Descriptor is { Size: > 0 } stated && stated.Size != length
        ? files.Refused($"layer {stated.Digest} is {length} bytes long, but its manifest says {stated.Size}")
        : null;
}
