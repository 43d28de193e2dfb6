using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A layer that is a file of an archive or a layout.</summary>
/// <param name="files">Where it is.</param>
/// <param name="name">Its name there.</param>
/// <param name="diffId">Digest of its uncompressed tar.</param>
/// <param name="descriptor">What the image's manifest says of it; null when there is none.</param>
/// <param name="client">Fetches it from its addresses when the file is not there; null when nobody may.</param>
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

    /// <summary>What is wrong when it has another size than its descriptor says; null when nothing is, or that says none.</summary>
    public MalformedDataException? SizeFault(long length) => Descriptor is { Size: > 0 } stated && stated.Size != length
        ? files.Refused($"layer {stated.Digest} is {length} bytes long, and its manifest says {stated.Size}")
        : null;
}
