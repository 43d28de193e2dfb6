using Blobs.Buffers.Internal;
using Blobs.Pipeline;
using Blobs.Streams;
using Blobs.Tar;

namespace Blobs.Images;

/// <content>Changes the entries of its layers.</content>
public sealed partial record OciImage
{
    /// <summary>This image with every layer made again from its entries, some with other metadata, others left out. Layers
    /// are read, verified, when the new ones are written, and then keep neither digest nor compression.</summary>
    /// <param name="change">Gets the header of each entry of each layer, base first, and returns the new one; null leaves
    /// the entry out, with the hard links to it that follow. Name, type, link and content stay. Called at every pass, from one
    /// thread at a time for each layer.</param>
    public OciImage WithEntries(Func<TarMember, TarMember?> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Parts = [.. _parts.Select(part => new Part(null, Edited(part, change)))] };
    }

    /// <summary>This image with one time of modification for all files of all layers.</summary>
    /// <param name="time">The time, cut to a whole second.</param>
    public OciImage WithLayerTimes(DateTimeOffset time)
    {
        var modified = new UnixTime(time.ToUnixTimeSeconds(), 0);
        return WithEntries(entry => entry with { ModifiedTime = modified });
    }

    private static NewLayer Edited(Part part, Func<TarMember, TarMember?> change) =>
        NewLayer.FromTar(_ => ValueTask.FromResult<Stream>(new ProducedStream((target, stop) => EditAsync(part, change, target, stop))));

    private static async Task EditAsync(
        Part part, Func<TarMember, TarMember?> change, Stream target, CancellationToken cancellationToken)
    {
        const int BufferBytes = 1 << 16;
        var buffered = new BufferedStream(target, BufferBytes);
        var editor = new EntryEditor(new StreamSink(buffered), change);
        Stream source = part.Known is { } known
            ? await known.OpenAsync(cancellationToken).ConfigureAwait(false)
            : await part.New!.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var options = new LayerPipelineOptions
            {
                ExpectedDiffId = part.Known?.DiffId,
                Entries = editor,
            };
            await LayerPipeline.RunAsync(source, options, cancellationToken).ConfigureAwait(false);
        }

        editor.Complete();
        await buffered.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
