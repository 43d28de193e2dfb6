using System.IO.Compression;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Random layers come, fail on the way, go, and are given back, against a dictionary of their tars.</summary>
public sealed class LayerModelTests
{
    private static readonly string[] Faults = ["none", "none", "none", "source", "truncated", "flipped", "digest", "diffid", "cancelled"];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    private static readonly Gen<Step> Steps =
        from what in Pick.From("ingest", "ingest", "ingest", "ingest", "export", "release")
        from which in Gen.Int[0, 1000]
        from fault in Pick.From(Faults)
        from at in Gen.Double[0, 1]
        from tree in TreeGen.Layer
        select new Step(what, which, fault, at, tree);

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Every_layer_that_came_whole_is_there_and_nothing_of_the_others(string driver)
    {
        Root.Needed();
        await Cases.AllAsync(Steps.Array[3, 12], 12, steps => RunAsync(steps, driver));
    }

    private static async Task RunAsync(Step[] steps, string driver)
    {
        using var fixture = new StoreFixture(driver, Durability.None);
        fixture.CreateRoot();
        var model = new Dictionary<ChainId, (byte[] Tar, ChainId? Parent)>();
        foreach (Step step in steps)
        {
            LayerStore store = fixture.Reopen();
            ChainId? chosen = model.Count == 0 || step.Which % 5 == 0 ? null : model.Keys.Order().ElementAt(step.Which % model.Count);
            if (step.What == "ingest")
            {
                byte[] tar = Archive.Of([.. step.Tree.Members(), Archive.File("last", $"{step.Which}")]);
                await IngestAsync(store, step, tar, chosen, fixture, model);
            }
            else if (step.What == "release" && chosen is { } top)
            {
                await store.ReleaseAsync(top, new HashSet<ChainId>());
                for (ChainId? next = top; next is { } id && model.TryGetValue(id, out (byte[] Tar, ChainId? Parent) layer) && !model.Values.Any(other => other.Parent == id); next = layer.Parent)
                {
                    model.Remove(id);
                }
            }

            Assert.Equal(model.Keys.Order(), fixture.Reopen().Layers().Select(layer => layer.ChainId).Order());
            if (step.What == "export" && chosen is { } wanted)
            {
                using var back = new MemoryStream();
                await store.ExportAsync(wanted, back);
                Assert.True(back.ToArray().AsSpan().SequenceEqual(model[wanted].Tar));
            }
        }

        Assert.Empty(await fixture.Reopen().SweepAsync());
    }

    private static async Task IngestAsync(
        LayerStore store, Step step, byte[] tar, ChainId? parent, StoreFixture fixture, Dictionary<ChainId, (byte[] Tar, ChainId? Parent)> model)
    {
        byte[] layer = Gzip(tar);
        int at = (int)(step.At * (layer.Length - 1));
        using var cancel = new CancellationTokenSource();
        var options = new LayerIngestOptions { Parent = parent, ExpectedDiffId = DiffId.Parse($"{Digest.OfSha256(tar)}") };
        Digest wrong = Digest.OfSha256("wrong"u8);
        Stream source = new MemoryStream(step.Fault switch
        {
            "truncated" => layer[..at],
            "flipped" => [.. layer[..at], (byte)(layer[at] ^ 0x10), .. layer[(at + 1)..]],
            _ => layer,
        });
        source = step.Fault is "source" or "cancelled"
            ? new BrokenStream(layer, at, step.Fault == "source" ? () => throw new IOException("refused") : cancel.Cancel)
            : source;
        options = step.Fault == "digest" ? options with { ExpectedDigest = wrong }
            : step.Fault == "diffid" ? options with { ExpectedDiffId = DiffId.Parse($"{wrong}") } : options;
        List<string> before = List(fixture.Root);
        try
        {
            LayerIngestResult result = await store.IngestAsync(source, options, cancel.Token);
            Assert.True(step.Fault is "none" or "flipped" or "cancelled", step.Fault);
            model[result.Layer.ChainId] = (tar, parent);
        }
        catch (Exception fault) when (step.Fault != "none" && fault is BlobsException or IOException or OperationCanceledException)
        {
            Assert.Equal(before, List(fixture.Root));
        }
    }

    private static List<string> List(string root)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        using DirectoryHandle directory = DirectoryHandle.Open(root);
        return TreeLines.Of(directory);
    }

    private static byte[] Gzip(byte[] tar)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        return target.ToArray();
    }

    private sealed record Step(string What, int Which, string Fault, double At, TreeNode Tree);

    // Does something once it has been read so far.
    private sealed class BrokenStream(byte[] bytes, int at, Action happen) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= at)
            {
                happen();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
        }
    }
}
