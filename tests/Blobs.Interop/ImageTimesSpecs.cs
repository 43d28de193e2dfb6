using System.Text;
using System.Text.Json;
using Blobs.Interop.Inputs;

namespace Blobs.Interop;

/// <summary>Images that do not say when they were made, as docker lists them.</summary>
public sealed class ImageTimesSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData("\"created\":null,")]
    [InlineData("\"created\":\"0001-01-01T00:00:00Z\",")]
    public async Task An_image_without_a_time_is_listed_without_one(string created)
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string config = $$$"""{{{{created}}}"os":"linux","rootfs":{"type":"layers"},"history":[{{{{created}}}"created_by":"x","empty_layer":true}]}""";
        byte[] archive = new TarBuilder()
            .Add(new TarMember("config.json", '0') { Content = Encoding.UTF8.GetBytes(config) })
            .Add(new TarMember("manifest.json", '0') { Content = """[{"Config":"config.json","RepoTags":["odd:1"],"Layers":[]}]"""u8.ToArray() })
            .ToArray();
        await File.WriteAllBytesAsync(temporary["archive.tar"], archive);
        await BlobsCommand.With("load", temporary["archive.tar"], "--root", root, "--quiet").SucceedAsync();

        string images = (await BlobsCommand.With("images", "--root", root).SucceedAsync()).Text;
        Assert.Matches(@"^odd +1 +[0-9a-f]{12} +N/A +0B$", images.TrimEnd().Split('\n')[^1].TrimEnd());
        string history = (await BlobsCommand.With("history", "odd:1", "--root", root).SucceedAsync()).Text;
        Assert.Matches(@"^[0-9a-f]{12} +N/A +x +0B", history.TrimEnd().Split('\n')[^1]);

        JsonElement image = (await BlobsCommand.With("images", "--root", root, "--json").SucceedAsync()).Json[0];
        Assert.Equal("0001-01-01T00:00:00Z", image.GetProperty("createdAt").GetString());
        Assert.Equal("N/A", image.GetProperty("createdSince").GetString());
        JsonElement step = (await BlobsCommand.With("history", "odd:1", "--root", root, "--json").SucceedAsync()).Json[0];
        Assert.Equal(created.Contains("0001", StringComparison.Ordinal) ? "0001-01-01T00:00:00Z" : null, step.GetProperty("created").GetString());
    }
}
