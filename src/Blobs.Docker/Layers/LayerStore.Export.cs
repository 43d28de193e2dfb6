using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.TarSplit;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Docker.Layers;

/// <content>A layer goes out: its recording and its tree become the tar they were made from.</content>
public sealed partial class LayerStore
{
    /// <summary>Writes the layer's original tar, bit for bit, compressed if wanted. Every file is checked by its CRC-64, the whole by
    /// the DiffID, or by the digest that an earlier call found.</summary>
    /// <param name="id">A layer of this store.</param>
    /// <param name="target">Takes the layer; stays open. It has seen the bytes before the last check is made.</param>
    /// <param name="options">How it is written: as it is when null.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="StoreException">A file is missing in its tree.</exception>
    /// <exception cref="MalformedDataException">A file has changed, or the recording is damaged.</exception>
    /// <exception cref="DigestMismatchException">What came out is not what once came in, or not what is expected.</exception>
    public async Task<EncodedLayer> ExportAsync(
        ChainId id, Stream target, LayerEncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new LayerEncodeOptions();
        using LayerTar tar = await OpenAsync(id, cancellationToken).ConfigureAwait(false);
        EncodedLayer written = await LayerEncoder.EncodeAsync(tar, target, options, cancellationToken).ConfigureAwait(false);
        if (options.ExpectedDigest is null)
        {
            tar.Verify(written.DiffId);
        }

        return written with { DiffId = tar.Layer.DiffId };
    }

    /// <summary>Opens the layer's original tar for reading. Its end is reported only once the DiffID was found right.</summary>
    /// <param name="id">A layer of this store; it stays until the stream is disposed.</param>
    /// <param name="cancellationToken">Ends the waiting for somebody who is removing something.</param>
    /// <exception cref="NotFoundException">The layer is not in the store. Reading throws as
    /// <see cref="ExportAsync"/> does.</exception>
    public async Task<Stream> OpenTarAsync(ChainId id, CancellationToken cancellationToken = default) =>
        new LayerTarStream(await OpenAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Bytes of the layer's original tar, added up from its recording: no file is read.</summary>
    /// <param name="id">A layer of this store.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="MalformedDataException">The recording is damaged.</exception>
    public long TarLengthOf(ChainId id)
    {
        using TarSplitReader reader = OpenRecording(RootPaths.TarSplitFile(Paths.Layer((TryGet(id) ?? throw Missing(id)).ChainId)));
        long length = 0;
        while (reader.Read())
        {
            length += reader.Kind switch
            {
                TarSplitEntryKind.Segment => reader.Payload.Length,
                TarSplitEntryKind.File => reader.Size,
                _ => 0,
            };
        }

        return length;
    }

    private async Task<LayerTar> OpenAsync(ChainId id, CancellationToken cancellationToken)
    {
        RootLock taken = await RootLock.ReadAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        try
        {
            Layer layer = TryGet(id) ?? throw Missing(id);
            TarSplitReader recording = OpenRecording(RootPaths.TarSplitFile(Paths.Layer(id)));
            return new LayerTar(layer, taken, recording, Driver.TreeOf(layer.CacheId), Options.Limits);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private TarSplitReader OpenRecording(string path)
    {
        SafeFileHandle file = FileHandle.TryOpenRead(path)
            ?? throw new StoreException(path, $"{path}: the layer has no recording, so its tar cannot be rebuilt");
        return TarSplitReader.OpenGzip(new FileStream(file, FileAccess.Read, bufferSize: 0), Options.Limits);
    }
}
