using System.Text;
using Blobs.ContainersStorage;
using Blobs.Errors;
using Blobs.Tests.Testing;

namespace Blobs.Tests.ContainersStorage;

public sealed class StoreRecordsTests
{
    [Fact]
    public void Members_that_nobody_knows_keep_their_bytes_and_their_place()
    {
        byte[] record = """{"new":{"a": 1.50},"id":"x","names":["old"],"later":[null]}"""u8.ToArray();
        Assert.Equal(
            """{"new":{"a": 1.50},"id":"x","names":["y"],"later":[null],"flags":{}}""",
            Encoding.UTF8.GetString(StoreRecords.Edit(record, ("names", "[\"y\"]"u8.ToArray()), ("flags", "{}"u8.ToArray()))));
        Assert.Equal(
            """{"new":{"a": 1.50},"id":"x","later":[null]}""", Encoding.UTF8.GetString(StoreRecords.Edit(record, ("names", null))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Nothing_is_no_record(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder["layers.json"];
        File.WriteAllText(path, text);
        Assert.Empty(StoreRecords.ReadLayers(path));
        Assert.Empty(StoreRecords.ReadLayers(path + ".missing"));
    }

    [Fact]
    public void Nulls_are_zero_and_what_is_no_digest_is_none()
    {
        using var folder = new TemporaryFolder();
        string path = folder["layers.json"];
        File.WriteAllText(path, """[null,{"id":null,"parent":null,"flags":null},{"id":"a","diff-digest":"?","diff-size":-1,"flags":{"incomplete":true}}]""");
        List<StoredLayer> layers = StoreRecords.ReadLayers(path);
        Assert.Equal(["", "", "a"], layers.Select(layer => layer.Id));
        Assert.Null(layers[2].DiffId);
        Assert.Null(layers[2].TarLength);
        Assert.Equal([false, false, true], layers.Select(layer => layer.IsIncomplete));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{\"id\":1}]")]
    [InlineData("[")]
    public void What_is_no_list_of_records_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder["images.json"];
        File.WriteAllText(path, text);
        Assert.Contains("images.json", Assert.Throws<MalformedDataException>(() => StoreRecords.ReadImages(path)).Message, StringComparison.Ordinal);
    }
}
