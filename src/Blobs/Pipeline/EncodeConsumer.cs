using System.Threading.Channels;
using Blobs.Compression;

namespace Blobs.Pipeline;

/// <summary>The lane of the way back that compresses, on as many threads as it was given. Blocks leave it in any order.</summary>
internal sealed class EncodeConsumer(BlockFormat format, ChannelWriter<EncodeBlock> encoded) : ILaneConsumer<EncodeBlock>
{
    public void Consume(EncodeBlock item)
    {
        item.Compressed.SetLength(0);
        format.Compress(item.Tar.Data, item.IsFinal, item.Compressed);
    }

    // After a fault, too: the writer lets go of the slab.
    public void Release(EncodeBlock item) => encoded.TryWrite(item);

    public void Complete()
    {
    }
}
