using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.TarSplit;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Layers;

/// <content>A layer goes out: its recording and its tree become the tar they were made from.</content>
public sealed partial class LayerStore
{
    /// <summary>Writes the layer's original tar, bit for bit. Every file is checked by its CRC-64, the whole by the DiffID.</summary>
    /// <param name="id">A layer of this store.</param>
    /// <param name="target">Takes the tar; stays open. It has seen the bytes before the last check is made.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>Bytes of the tar.</returns>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="StoreException">A file is missing in its tree.</exception>
    /// <exception cref="MalformedDataException">A file has changed, or the recording is damaged.</exception>
    /// <exception cref="DigestMismatchException">What came out is not what once came in.</exception>
    public async Task<long> ExportAsync(ChainId id, Stream target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        Stream tar = await OpenTarAsync(id, cancellationToken).ConfigureAwait(false);
        await using (tar.ConfigureAwait(false))
        {
            await tar.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            return tar.Position;
        }
    }

    /// <summary>Opens the layer's original tar for reading. Its end is reported only once the DiffID was found right.</summary>
    /// <param name="id">A layer of this store; it stays until the stream is disposed.</param>
    /// <param name="cancellationToken">Ends the waiting for somebody who is removing something.</param>
    /// <exception cref="NotFoundException">The layer is not in the store. Reading throws as
    /// <see cref="ExportAsync(ChainId, Stream, CancellationToken)"/> does.</exception>
    public async Task<Stream> OpenTarAsync(ChainId id, CancellationToken cancellationToken = default)
    {
        RootLock taken = await RootLock.ReadAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        try
        {
            Layer layer = TryGet(id) ?? throw Missing(id);
            TarSplitReader recording = OpenRecording(RootPaths.TarSplitFile(Paths.Layer(id)));
            return new LayerTarStream(layer, taken, recording, Driver.TreeOf(layer.CacheId), Options.Limits);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

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

    private TarSplitReader OpenRecording(string path)
    {
        SafeFileHandle file = FileHandle.TryOpenRead(path)
            ?? throw new StoreException(path, $"{path}: the layer has no recording, so its tar cannot be rebuilt");
        return TarSplitReader.OpenGzip(new FileStream(file, FileAccess.Read, bufferSize: 0), Options.Limits);
    }
}
