using Blobs.Compression;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

public sealed class LayerExportTests : IDisposable
{
    private static readonly byte[] Tar = Archive.Of(Archive.File("a", new string('a', 3_000_000)), Archive.File("b", "text"));

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_layer_goes_out_compressed_and_says_what_it_became(CompressionKind kind)
    {
        Layer layer = await IngestAsync();
        var blob = new MemoryStream();
        var options = new LayerEncodeOptions { Compression = kind };
        EncodedLayer written = await _fixture.Store.ExportAsync(layer.ChainId, blob, options);
        Assert.Equal(Digest.OfSha256(blob.ToArray()), written.Digest);
        Assert.Equal(layer.DiffId, written.DiffId);
        Assert.Equal((blob.Length, Tar.Length), (written.Length, written.TarLength));

        blob.Position = 0;
        var tar = new MemoryStream();
        await using DecodingStream decoded = DecodingStream.Open(blob, kind);
        await decoded.CopyToAsync(tar);
        Assert.Equal(Tar, tar.ToArray());
        Assert.Equal(written, await _fixture.Store.ExportAsync(layer.ChainId, Stream.Null, options with { ExpectedDigest = written.Digest }));
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    public async Task Another_digest_than_at_the_first_time_is_an_error(CompressionKind kind)
    {
        Layer layer = await IngestAsync();
        var options = new LayerEncodeOptions { Compression = kind, ExpectedDigest = DiffId.Empty.ToDigest() };
        DigestMismatchException fault = await Assert.ThrowsAsync<DigestMismatchException>(
            () => _fixture.Store.ExportAsync(layer.ChainId, Stream.Null, options));
        Assert.Contains("layer digest", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_recording_that_no_longer_gives_the_tar_is_found_by_the_DiffID(CompressionKind kind)
    {
        Layer layer = await IngestAsync();
        string folder = _fixture.Store.Context.Paths.Layer(layer.ChainId);
        File.WriteAllText(Path.Combine(folder, "diff"), $"{DiffId.Empty}");
        DigestMismatchException fault = await Assert.ThrowsAsync<DigestMismatchException>(
            () => _fixture.Store.ExportAsync(layer.ChainId, Stream.Null, new LayerEncodeOptions { Compression = kind }));
        Assert.Contains($"layer {layer.ChainId}: DiffID", fault.Message, StringComparison.Ordinal);
    }

    private async Task<Layer> IngestAsync() => (await _fixture.Store.IngestAsync(new MemoryStream(Tar))).Layer;
}
