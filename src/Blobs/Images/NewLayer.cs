using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Streams;

namespace Blobs.Images;

/// <summary>
/// A layer that has not been encoded yet: its digests become known while it is written to where it goes. It is made as it
/// is read, never whole in memory and never in a file, and gives the same bytes at every call.
/// </summary>
public abstract class NewLayer
{
    private const string Default = "blobs";

    /// <summary>What made it, for the history of the image.</summary>
    public string CreatedBy { get; init; } = Default;

    /// <summary>A layer with the content of a directory, or with a single file.</summary>
    /// <param name="source">The directory or file.</param>
    /// <param name="destination">The path in the image. If it ends in a slash, a file keeps its name below it.</param>
    /// <param name="options">Owners and times; the defaults when null.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is not a path in an image.</exception>
    public static NewLayer FromDirectory(string source, string destination, LayerFilesOptions? options = null) =>
        FromEntries(LayerFiles.At(source, destination, options), $"COPY {destination}");

    /// <summary>A layer with the given entries, in their order.</summary>
    /// <param name="entries">The entries; enumerated at every pass.</param>
    /// <param name="createdBy">What made it, for the history of the image.</param>
    public static NewLayer FromEntries(IEnumerable<LayerEntry> entries, string createdBy = Default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return new EntryLayer(entries) { CreatedBy = createdBy };
    }

    /// <summary>A layer from a tar, compressed or not.</summary>
    /// <param name="path">The tar's file.</param>
    /// <param name="createdBy">What made it, for the history of the image.</param>
    public static NewLayer FromTar(string path, string createdBy = Default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return FromTar(_ => ValueTask.FromResult<Stream>(FileHandle.OpenRead(path)), createdBy);
    }

    /// <summary>A layer from a tar, compressed or not.</summary>
    /// <param name="open">Opens the tar, with the same bytes at every call. The stream is disposed.</param>
    /// <param name="createdBy">What made it, for the history of the image.</param>
    public static NewLayer FromTar(Func<CancellationToken, ValueTask<Stream>> open, string createdBy = Default)
    {
        ArgumentNullException.ThrowIfNull(open);
        return new TarLayer(open) { CreatedBy = createdBy };
    }

    /// <summary>A layer from a stream that can be read only once, such as a pipe. It can only go to a target that takes it
    /// in one pass.</summary>
    /// <param name="tar">A tar, compressed or not; stays open.</param>
    /// <param name="createdBy">What made it, for the history of the image.</param>
    public static NewLayer FromStream(Stream tar, string createdBy = Default)
    {
        ArgumentNullException.ThrowIfNull(tar);
        bool isOpened = false;
        return FromTar(_ => Interlocked.Exchange(ref isOpened, true)
            ? throw new StoreException("", "the tar of a new layer is a stream, and was read already; write it to a file first")
            : ValueTask.FromResult<Stream>(new OpenStream(tar)), createdBy);
    }

    /// <summary>Opens it as a tar, plain or compressed. The caller disposes the stream.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default);

    /// <summary>Writes it in the requested compression: the same bytes at every call.</summary>
    /// <param name="target">Takes the layer; stays open.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="MalformedDataException">It is not a tar.</exception>
    /// <exception cref="DigestMismatchException">It is not the layer that an earlier call wrote.</exception>
    public virtual async Task<EncodedLayer> EncodeAsync(
        Stream target, LayerEncodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Stream source = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var input = new LayerPipelineOptions { Progress = options.Progress };
            return await LayerEncoder.RecodeAsync(source, target, input, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads it only to learn the digest of its tar.</summary>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="MalformedDataException">It is not a tar.</exception>
    public async Task<DiffId> HashAsync(CancellationToken cancellationToken = default) =>
        (await EncodeAsync(Stream.Null, new LayerEncodeOptions(), cancellationToken).ConfigureAwait(false)).DiffId;

    /// <inheritdoc/>
    public override string ToString() => "new layer";

    private sealed class EntryLayer(IEnumerable<LayerEntry> entries) : NewLayer
    {
        public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<Stream>(new TarSourceStream(new EntryTar(entries)));

        public override async Task<EncodedLayer> EncodeAsync(
            Stream target, LayerEncodeOptions options, CancellationToken cancellationToken = default)
        {
            using var tar = new EntryTar(entries);
            return await LayerEncoder.EncodeAsync(tar, target, options, cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class TarLayer(Func<CancellationToken, ValueTask<Stream>> open) : NewLayer
    {
        public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) => open(cancellationToken);
    }

    private sealed class TarSourceStream(EntryTar tar) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => tar.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                tar.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    // The caller's stream, which stays open.
    private sealed class OpenStream(Stream stream) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => stream.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.ReadAsync(buffer, cancellationToken);
    }
}
