using System.IO.Compression;
using Blobs.Pipeline;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Pipeline;

/// <summary>Counts allocations of the whole process, so no other test may run in parallel.</summary>
[Collection(Alone.Name)]
public sealed class LayerPipelineMemoryTests
{
    private const int SmallestObject = 24;

    [Theory]
    [InlineData(30_000_000)]
    [InlineData(300_000_000)]
    public async Task Memory_does_not_grow_with_the_layer(int zeroBytes)
    {
        byte[] tar = [.. Archive.Of(Archive.File("f", "x")), .. new byte[zeroBytes]];
        var layer = new MemoryStream();
        using (var gzip = new GZipStream(layer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        layer.Position = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await LayerPipeline.RunAsync(layer);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    [Fact]
    public async Task Entries_cost_no_allocation_each()
    {
        // Both counts fill the set of names, which doubles when half full, to the same size; and there are so many entries between
        // them that a slab more or less in one run, a race, is less than the smallest object for each.
        byte[] few = Archive.Of([.. Enumerable.Range(0, 140_000).Select(i => Archive.File($"directory/{i}", ""))]);
        byte[] many = Archive.Of([.. Enumerable.Range(0, 260_000).Select(i => Archive.File($"directory/{i}", ""))]);
        await Allocated(few);

        long leastOfFew = long.MaxValue;
        long leastOfMany = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            leastOfFew = Math.Min(leastOfFew, await Allocated(few));
            leastOfMany = Math.Min(leastOfMany, await Allocated(many));
        }

        // Less than nothing is what is left of the race, too.
        long more = leastOfMany - leastOfFew;
        Assert.True(more < 120_000L * SmallestObject, $"120,000 more entries allocated {more:N0} bytes more");
    }

    private static async Task<long> Allocated(byte[] tar)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await LayerPipeline.RunAsync(new MemoryStream(tar), new LayerPipelineOptions { TarSplit = new LateReader() });
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    // How many of its slabs a run comes to need depends on which thread is ahead: one that begins late makes every run need them all.
    private sealed class LateReader : Blobs.Buffers.IByteSink
    {
        private const int LateMs = 100;
        private bool _hasBegun;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (!_hasBegun)
            {
                _hasBegun = true;
                Thread.Sleep(LateMs);
            }
        }
    }
}
