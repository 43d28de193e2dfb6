using System.Text;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Images;

public sealed class DistributionStoreTests : IDisposable
{
    private static readonly Digest Blob = Digest.Parse("sha256:" + new string('a', 64));
    private static readonly DiffId Layer = DiffId.Parse("sha256:" + new string('b', 64));

    private readonly TemporaryFolder _folder = new(inMemory: true);

    private DistributionStore Store => new(new RootPaths(_folder.Path, "overlay2"));

    [Theory]
    [InlineData("", "")]
    [InlineData("""{"username":"alice","password":"s3cret"}""", "31614e9d4ad4f937eff91d3330cc34688be503a11a84d5058e0db4a5e2c8b765")]
    [InlineData("{}", "b74f315499970fa53b6c24ef49cae0b53e37a2047cb1c109b60389816f3482a2")]
    public void A_source_is_proved_with_the_credentials_in_use(string credentials, string hmac)
    {
        byte[] json = Encoding.UTF8.GetBytes(credentials);
        BlobSource source = BlobSource.Create(Blob, "docker.io/library/alpine", json);
        Assert.Equal(hmac, source.Hmac);
        Assert.True(source.IsVouchedFor(json));
        Assert.False(source.IsVouchedFor("other"u8));
    }

    [Fact]
    public void Both_files_are_the_engines()
    {
        Store.Add(Layer, new BlobSource(Blob, "docker.io/library/alpine", ""));
        string sources = File.ReadAllText(_folder[$"image/overlay2/distribution/v2metadata-by-diffid/sha256/{Layer.Hex}"]);
        Assert.Equal(142, sources.Length);
        Assert.Equal($$"""[{"Digest":"{{Blob}}","SourceRepository":"docker.io/library/alpine","HMAC":""}]""", sources);
        Assert.Equal($"{Layer}", File.ReadAllText(_folder[$"image/overlay2/distribution/diffid-by-digest/sha256/{Blob.Hex}"]));
        Assert.Equal(Layer, Store.DiffIdOf(Blob));
    }

    [Fact]
    public void A_source_recorded_again_becomes_the_latest()
    {
        BlobSource first = new(Blob, "a", "");
        BlobSource second = new(Blob, "b", "");
        Store.Add(Layer, first);
        Store.Add(Layer, second);
        Store.Add(Layer, first);
        Assert.Equal([second, first], Store.SourcesOf(Layer));
    }

    [Fact]
    public void Unknown_members_stay_in_place()
    {
        string path = _folder[$"image/overlay2/distribution/v2metadata-by-diffid/sha256/{Layer.Hex}"];
        string first = $$"""{"First":{ "n":1.50 },"Digest":"{{Blob}}","SourceRepository":"a","Later":[null],"HMAC":"","last":"<"}""";
        string second = $$"""{"Digest":"{{Blob}}","SourceRepository":"b","HMAC":""}""";
        _folder.Write(Path.GetRelativePath(_folder.Path, path), $"[{first},{second}]");
        Store.Add(Layer, new BlobSource(Blob, "c", ""));
        Assert.Equal($"[{first},{second},{second.Replace("\"b\"", "\"c\"", StringComparison.Ordinal)}]", File.ReadAllText(path));
        Store.Add(Layer, new BlobSource(Blob, "a", ""));
        Store.Remove(Layer, new BlobSource(Blob, "c", ""));
        Assert.Equal($"[{second},{first}]", File.ReadAllText(path));
    }

    [Fact]
    public void The_oldest_of_more_than_fifty_is_dropped()
    {
        for (int i = 0; i < 52; i++)
        {
            Store.Add(Layer, new BlobSource(Blob, $"{i}", ""));
        }

        Assert.Equal(Enumerable.Range(2, 50).Select(i => $"{i}"), Store.SourcesOf(Layer).Select(source => source.Repository));
    }

    [Fact]
    public void What_a_blob_holds_stays_true_when_it_is_gone_from_a_registry()
    {
        var source = new BlobSource(Blob, "a", "");
        Store.Add(Layer, source);
        Store.Remove(Layer, source);
        Assert.Empty(Store.SourcesOf(Layer));
        Assert.False(File.Exists(_folder[$"image/overlay2/distribution/v2metadata-by-diffid/sha256/{Layer.Hex}"]));
        Assert.Equal(Layer, Store.DiffIdOf(Blob));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"Digest":7}]""")]
    [InlineData("""[{"Digest":"sha256:x"}]""")]
    public void A_damaged_file_only_costs_a_transfer(string json)
    {
        string path = _folder[$"image/overlay2/distribution/v2metadata-by-diffid/sha256/{Layer.Hex}"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, json);
        Assert.Empty(Store.SourcesOf(Layer));
    }

    [Fact]
    public void A_DiffID_with_a_newline_is_ignored()
    {
        string path = _folder[$"image/overlay2/distribution/diffid-by-digest/sha256/{Blob.Hex}"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"{Layer}\n");
        Assert.Null(Store.DiffIdOf(Blob));
    }

    public void Dispose() => _folder.Dispose();
}
