using Blobs.Buffers;
using Blobs.Buffers.Internal;
using Blobs.Errors;
using Blobs.Streams;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// The merged file system of an image: what a container of it sees. Every method reads the layers from the top down, and
/// stops as soon as it has what was asked for. Symbolic links are followed inside the image, never outside.
/// </summary>
/// <remarks>
/// A layer that was read to its end has been verified against its digests. When reading stops early, what was read of
/// the last layer is not verified, as the digests cover the whole layer; <see cref="ImageReadOptions.ReadsToEnd"/> reads
/// on. A layer with two entries of one name is refused, as by docker, when reading comes to the second.
/// </remarks>
/// <param name="layers">The layers, base first.</param>
/// <param name="options">How it is read; the defaults when null.</param>
public sealed class ImageFileSystem(IReadOnlyList<ImageLayer> layers, ImageReadOptions? options = null)
{
    private readonly LayerReader _reader = new(layers, options ?? new ImageReadOptions());

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<ImageLayer> Layers => _reader.Layers;

    internal LayerReader Reader => _reader;

    /// <summary>Bytes that were read from the layers so far, compressed where they are.</summary>
    public long BytesRead => _reader.BytesRead;

    /// <summary>How many times a layer was opened so far.</summary>
    public int LayersRead => _reader.OpenCount;

    /// <summary>Reads the whole tree.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The root.</returns>
    /// <exception cref="BlobsException">A layer is missing, malformed, or not what its digests say.</exception>
    public async Task<ImageEntry> ReadTreeAsync(CancellationToken cancellationToken = default)
    {
        var merge = new TreeMerge(_reader);
        using var lister = new TreeLister(merge.Tree.Root, _reader.Options.HashesContent);
        await merge.RunAsync(lister, (layer, _) =>
        {
            lister.EndLayer(layer);
            return Task.CompletedTask;
        }, cancellationToken).ConfigureAwait(false);
        return merge.Tree.Root;
    }

    /// <summary>Reads the whole tree, and counts what each layer adds and what is hidden in it.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BlobsException">A layer is missing, malformed, or not what its digests say.</exception>
    public async Task<ImageUsage> ReadUsageAsync(CancellationToken cancellationToken = default)
    {
        var merge = new TreeMerge(_reader);
        using var counter = new UsageCounter(merge.Tree, _reader.Layers);
        await merge.RunAsync(counter, (_, _) => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        return counter.Finish();
    }

    /// <summary>Finds an entry, and everything below it if it is a directory.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followsLast">Whether a symbolic link that the path itself names is followed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    public async Task<ImageEntry> FindAsync(
        string path, bool followsLast = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var merge = new TreeMerge(_reader);
        var search = new PathSearch(merge.Tree, path, followsLast);
        await FindAsync(merge, search, null, cancellationToken).ConfigureAwait(false);
        return search.Found!;
    }

    /// <summary>Copies the content of a regular file. Links are followed.</summary>
    /// <param name="path">The path.</param>
    /// <param name="target">Receives the content while it is read; stays open.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The file's entry.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="MalformedDataException">It is not a regular file.</exception>
    public async Task<ImageEntry> CopyFileAsync(string path, Stream target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(target);
        var merge = new TreeMerge(_reader);
        var search = new PathSearch(merge.Tree, path, followsLast: true);
        var sink = new StreamSink(target);
        EntryFinder finder = await FindAsync(merge, search, sink, cancellationToken).ConfigureAwait(false);
        ImageFile file = search.Found!.File;
        if (file.Type != TarEntryType.File)
        {
            throw new MalformedDataException(Fault.EntryType, 0, $"'{path}' is {Words(file.Type)}, not a file");
        }

        if (!finder.HasContent)
        {
            var again = new PassedFiles(new() { [file.HeaderOffset] = file }, _ => { }, sink, _ => { });
            await _reader.ReadAsync(file.Layer, again, () => again.IsDone, cancellationToken).ConfigureAwait(false);
        }

        return search.Found;
    }

    /// <summary>
    /// Writes the file system, or a part of it, as one tar: whiteouts are applied, and hard links are kept. The files come
    /// in the order of the layers, from the top down, then the directories; the same image gives the same bytes every
    /// time.
    /// </summary>
    /// <param name="target">Receives the tar while the layers are read; stays open.</param>
    /// <param name="path">The part: a directory or a file. Links are followed.</param>
    /// <param name="name">What the part is called in the tar; empty writes only what is in the directory.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BlobsException">A layer is missing, malformed, or not what its digests say; the target has
    /// received a part of the tar by then.</exception>
    public async Task WriteTarAsync(
        Stream target, string path = "/", string name = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(name);
        string? next = path;
        var buffered = new BufferedStream(target, 1 << 16);
        while (next is not null)
        {
            next = await WriteTarOnceAsync(new StreamSink(buffered), next, name, cancellationToken).ConfigureAwait(false);
        }

        await buffered.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tar of <see cref="WriteTarAsync"/>, made while it is read. The end of the stream is reported only
    /// after every layer was verified.</summary>
    /// <param name="path">The part: a directory or a file.</param>
    /// <param name="name">What the part is called in the tar.</param>
    public Stream OpenTar(string path = "/", string name = "") =>
        new ProducedStream((target, stop) => WriteTarAsync(target, path, name, stop));

    private static async Task<EntryFinder> FindAsync(
        TreeMerge merge, PathSearch search, IByteSink? target, CancellationToken cancellationToken)
    {
        var finder = new EntryFinder(search, target);
        await merge.RunAsync(finder, (layer, _) =>
        {
            finder.EndLayer(layer);
            return Task.CompletedTask;
        }, cancellationToken).ConfigureAwait(false);
        return search.Found is { File.IsMissing: true }
            ? throw new MalformedDataException(
                Fault.LinkTarget, 0, $"'{search.Found}' is a hard link to a file that is not in the image")
            : finder;
    }

    // Returns the path to begin again with, when the path led through a link.
    private async Task<string?> WriteTarOnceAsync(IByteSink target, string path, string name, CancellationToken cancellationToken)
    {
        var merge = new TreeMerge(_reader);
        var search = new PathSearch(merge.Tree, path, followsLast: true);
        var writer = new TreeTarWriter(search, name, target);
        await merge.RunAsync(writer, async (layer, index) =>
        {
            if (writer.Passed.Count > 0)
            {
                var again = new PassedFiles(writer.Passed, writer.BeginPassed, writer, writer.EndFile);
                await _reader.ReadAsync(index, again, () => again.IsDone, cancellationToken).ConfigureAwait(false);
                writer.Passed.Clear();
            }

            writer.EndLayer(layer);
        }, cancellationToken).ConfigureAwait(false);
        if (writer.MustStartOver)
        {
            return $"{search.Found}";
        }

        writer.Complete();
        return null;
    }

    private static string Words(TarEntryType type) => type switch
    {
        TarEntryType.Directory => "a directory",
        TarEntryType.SymbolicLink => "a symbolic link",
        TarEntryType.CharacterDevice => "a character device",
        TarEntryType.BlockDevice => "a block device",
        _ => "a named pipe",
    };
}
