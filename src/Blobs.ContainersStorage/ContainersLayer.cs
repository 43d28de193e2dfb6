using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Pipeline;
using Blobs.TarSplit;
using Blobs.Trees.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.ContainersStorage;

/// <summary>
/// A layer in a store of podman. Its tar is rebuilt and verified while it is read: the recording has the headers, so it
/// does not matter in which form the tree keeps owners, modes and whiteouts.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainersLayer(ContainersStore store, string id, DiffId diffId) : ImageLayer(diffId, null)
{
    public override bool IsVerifiedTar => true;

    public override long? GetLength()
    {
        using TarSplitReader recording = OpenRecording();
        return RecordedTar.LengthOf(recording);
    }

    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
        new RecordedTarStream(await OpenTarAsync(cancellationToken).ConfigureAwait(false));

    public override async Task<EncodedLayer> EncodeAsync(
        Stream target, LayerEncodeOptions options, CancellationToken cancellationToken = default)
    {
        using RecordedTar tar = await OpenTarAsync(cancellationToken).ConfigureAwait(false);
        EncodedLayer written = await LayerEncoder.EncodeAsync(tar, target, options, cancellationToken).ConfigureAwait(false);
        if (options.ExpectedDigest is null)
        {
            tar.Verify(written.DiffId);
        }

        return written with { DiffId = tar.DiffId };
    }

    /// <summary>Opens the tar of a layer that a lock keeps in the store.</summary>
    /// <param name="held">The lock, which is disposed with the result.</param>
    /// <exception cref="StoreException">The layer has no recording, or another form.</exception>
    public RecordedTar Rebuild(StoreLock held) => FilePath.IsDirectory(Path.Combine(store.Paths.Layer(id), "composefs-data"))
        ? throw new StoreException(store.Paths.Layer(id), $"layer {id}: is kept in the form of composefs, which cannot be read")
        : new RecordedTar(DiffId, id, OpenRecording(), store.Paths.Tree(id), store.Options.Limits, held);

    // The lock keeps the layer in the store while it is read, as podman's own readers do.
    private async Task<RecordedTar> OpenTarAsync(CancellationToken cancellationToken)
    {
        StoreLock held = await StoreLock
            .TakeAsync(store.Paths.LayersLock, false, store.Options.LockWait, cancellationToken).ConfigureAwait(false);
        try
        {
            return Rebuild(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private TarSplitReader OpenRecording()
    {
        string path = store.Paths.Recording(id);
        SafeFileHandle file = FileHandle.TryOpenRead(path)
            ?? throw new StoreException(path, $"{path}: the layer has no recording, so its tar cannot be rebuilt");
        return TarSplitReader.OpenGzip(new FileStream(file, FileAccess.Read, bufferSize: 0), store.Options.Limits);
    }
}
