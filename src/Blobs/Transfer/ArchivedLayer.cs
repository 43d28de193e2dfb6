using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A layer that is a file of an archive or a layout.</summary>
internal sealed class ArchivedLayer(IArchiveFiles files, string name, DiffId diffId, Descriptor? descriptor)
    : ImageLayer(diffId, descriptor)
{
    /// <summary>The file's name.</summary>
    public string Name => name;

    public override long? GetLength()
    {
        using Stream? stream = files.TryOpen(name, out long length);
        return stream is null ? null : length;
    }

    public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default)
    {
        Stream layer = files.TryOpen(name, out long length) ?? throw files.Missing(name);
        if (SizeFault(length) is { } fault)
        {
            layer.Dispose();
            throw fault;
        }

        return ValueTask.FromResult(layer);
    }

    /// <summary>What is wrong when it has another size than its descriptor says; null when nothing is, or that says none.</summary>
    public MalformedDataException? SizeFault(long length) => Descriptor is { Size: > 0 } stated && stated.Size != length
        ? files.Refused($"layer {stated.Digest} is {length} bytes long, and its manifest says {stated.Size}")
        : null;
}
