using System.Threading.Channels;
using Blobs.Compression;

namespace Blobs.Pipeline;

/// <summary>The compressing lane of <see cref="EncodeRun"/>, on several threads. Blocks leave it in any
/// order.</summary>
internal sealed class EncodeConsumer(BlockFormat format, ChannelWriter<EncodeBlock> encoded) : ILaneConsumer<EncodeBlock>
{
    public void Consume(EncodeBlock item)
    {
        item.Compressed.SetLength(0);
        format.Compress(item.Tar.Data, item.IsFinal, item.Compressed);
    }

    // Also after a fault, because the writer releases the slab.
    public void Release(EncodeBlock item) => encoded.TryWrite(item);

    public void Complete()
    {
    }
}
