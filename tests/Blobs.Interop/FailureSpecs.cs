using Blobs.Interop.Inputs;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>A layer that is not what it should be: one line says why, and the store is as it was.</summary>
public sealed class FailureSpecs
{
    private const string Nothing = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    public static TheoryData<string, bool> Damage
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string name in DamagedLayers.Names)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task A_damaged_layer_is_refused_and_leaves_no_trace(string damage, bool onAnotherLayer)
    {
        string line = await RefuseAsync(DamagedLayers.Build(damage), onAnotherLayer);
        Assert.True(line.Contains("layer", StringComparison.Ordinal), $"which file was it? {line}");
        Assert.True(line.Any(char.IsAsciiDigit), $"where in the file? {line}");
    }

    [Theory]
    [InlineData("--expect-digest", false)]
    [InlineData("--expect-digest", true)]
    [InlineData("--expect-diffid", false)]
    [InlineData("--expect-diffid", true)]
    public async Task A_mislabelled_layer_is_refused_and_leaves_no_trace(string option, bool onAnotherLayer)
    {
        byte[] tar = WhiteoutLayer.Build();
        byte[] layer = LayerFiles.Gzip(tar);
        string line = await RefuseAsync(layer, onAnotherLayer, option, Nothing);
        Assert.Contains(Nothing, line, StringComparison.Ordinal);
        Assert.Contains(Sha256Text.Of(option == "--expect-digest" ? layer : tar), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_labels_are_accepted()
    {
        await using var temporary = new TemporaryRoot();
        byte[] tar = BaseLayer.Build();
        byte[] layer = LayerFiles.Gzip(tar);
        IngestedLayer ingested = await BlobsCommand.IngestAsync(
            LayerFiles.Write(temporary, "layer.tar.gz", layer), temporary["root"], null, "overlay2",
            "--expect-digest", Sha256Text.Of(layer), "--expect-diffid", Sha256Text.Of(tar));
        Assert.Equal(Sha256Text.Of(layer), ingested.Digest);
        Assert.Equal(Sha256Text.Of(tar), ingested.DiffId);
        Assert.Equal((layer.Length, tar.Length), (ingested.CompressedBytes, ingested.UncompressedBytes));
    }

    [Fact]
    public async Task An_unknown_parent_is_refused_and_leaves_no_trace()
    {
        string line = await RefuseAsync(LayerFiles.Gzip(WhiteoutLayer.Build()), onAnotherLayer: true, "--parent", Nothing);
        Assert.Contains(Nothing, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_refused_in_one_line()
    {
        await using var temporary = new TemporaryRoot();
        string line = (await BlobsCommand.RunAsync("ingest", temporary["no-such-layer"], "--root", temporary["root"]))
            .ExpectRefusal();
        Assert.Contains("no-such-layer", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest", "--no-such-option", "x")]
    [InlineData("ingest")]
    [InlineData("no-such-verb")]
    [InlineData("ingest", "x", "--expect-digest", "sha256:short")]
    [InlineData("tar-split", "disasm", "--no-such-option", "x")]
    public async Task Wrong_words_end_with_2(params string[] arguments)
    {
        await using var temporary = new TemporaryRoot();
        CommandResult result = await (BlobsCommand.With(arguments) with { WorkingDirectory = temporary.Path }).RunAsync();
        result.Expect(2);
        Assert.NotEmpty(result.Talk);
        Assert.Empty(Directory.GetFileSystemEntries(temporary.Path));
    }

    private static async Task<string> RefuseAsync(byte[] layer, bool onAnotherLayer, params string[] options)
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        string file = LayerFiles.Write(temporary, "layer.tar.gz", layer);
        if (onAnotherLayer)
        {
            string below = LayerFiles.Write(temporary, "below.tar", BaseLayer.Build());
            IngestedLayer parent = await BlobsCommand.IngestAsync(below, root);
            options = options.Contains("--parent") ? options : [.. options, "--parent", parent.ChainId];
        }

        TreeListing before = TreeListing.Of(root, TreeListing.Facts.Shape);
        CommandResult result = await BlobsCommand.RunAsync(["ingest", file, "--root", root, .. options]);
        TreeListing after = TreeListing.Of(root, TreeListing.Facts.Shape);
        string difference = after.DifferenceFrom(before);
        Assert.True(difference.Length == 0, $"the store changed:\n{difference}");
        return result.ExpectRefusal();
    }
}
