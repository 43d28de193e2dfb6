using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.TarSplit;
using Blobs.Trees.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Docker.Layers;

/// <summary>Rebuilds a layer's original tar from its recording and its tree.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerExporter(RootContext context, LayerDatabase layers)
{
    /// <inheritdoc cref="LayerStore.ExportAsync"/>
    public async Task<EncodedLayer> ExportAsync(
        ChainId id, Stream target, LayerEncodeOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new LayerEncodeOptions();
        using RecordedTar tar = await OpenAsync(id, cancellationToken).ConfigureAwait(false);
        EncodedLayer written = await LayerEncoder.EncodeAsync(tar, target, options, cancellationToken).ConfigureAwait(false);
        if (options.ExpectedDigest is null)
        {
            tar.Verify(written.DiffId);
        }

        return written with { DiffId = tar.DiffId };
    }

    /// <summary>Opens the tar. The layer is kept in the store until the tar is disposed.</summary>
    public async Task<RecordedTar> OpenAsync(ChainId id, CancellationToken cancellationToken)
    {
        RootLock rootLock = await context.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Layer layer = layers.Get(id);
            TarSplitReader recording = OpenRecording(layer);
            return new RecordedTar(
                layer.DiffId, $"{id}", recording, context.Driver.TreeOf(layer.CacheId), context.Limits, rootLock);
        }
        catch
        {
            rootLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="LayerStore.TarLengthOf"/>
    public long TarLengthOf(ChainId id)
    {
        using TarSplitReader reader = OpenRecording(layers.Get(id));
        return RecordedTar.LengthOf(reader);
    }

    private TarSplitReader OpenRecording(Layer layer)
    {
        string path = RootPaths.TarSplitFile(context.Paths.Layer(layer.ChainId));
        SafeFileHandle file = FileHandle.TryOpenRead(path)
            ?? throw new StoreException(path, $"{path}: the layer has no recording, so its tar cannot be rebuilt");
        return TarSplitReader.OpenGzip(new FileStream(file, FileAccess.Read, bufferSize: 0), context.Limits);
    }
}
