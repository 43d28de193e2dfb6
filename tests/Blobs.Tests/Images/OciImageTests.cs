using System.Text;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Images;

/// <summary>Images as values: made, changed, and sent to every place that needs no network.</summary>
public sealed class OciImageTests : IDisposable
{
    private static readonly DateTimeOffset Time = DateTimeOffset.Parse("2021-02-03T04:05:06Z", null);

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("oci:LAYOUT:new")]
    [InlineData("oci-archive:FILE:new")]
    [InlineData("docker-archive:FILE:new:1")]
    [InlineData("docker-data:ROOT//new:1")]
    public async Task A_new_layer_goes_to_every_place(string to)
    {
        OciImage image = OciImage.Scratch(new Platform { Os = "linux", Architecture = "amd64" }).Append(Hello());
        TakenImage taken = await SendAsync(image, to);

        EncodedLayer tar = await Hello().EncodeAsync(Stream.Null, new LayerEncodeOptions());
        await using OpenedSource opened = await OpenAsync(to);
        Assert.Equal(taken.Id, opened.Image!.Config.Id);
        Assert.Equal([tar.DiffId], opened.Image.Config.DiffIds);
        using var read = new MemoryStream();
        await opened.Image.Layers[0].EncodeAsync(read, new LayerEncodeOptions());
        Assert.Equal(tar.Digest, Digest.OfSha256(read.ToArray()));
    }

    [Theory]
    [InlineData("docker-data:BASE//sample:1", "oci:LAYOUT:new")]
    [InlineData("docker-data:BASE//sample:1", "docker-data:ROOT//new:1")]
    [InlineData("oci-archive:SAMPLE", "docker-data:ROOT//new:1")]
    [InlineData("oci-archive:SAMPLE", "docker-data:BASE//new:1")]
    [InlineData("docker-archive:DOCKER", "oci:LAYOUT:new")]
    [InlineData("oci-archive:SAMPLE", "oci-archive:FILE:new")]
    [InlineData("oci-archive:SAMPLE", "docker-archive:FILE:new:1")]
    public async Task A_layer_is_appended_to_an_image_of_any_place(string from, string to)
    {
        SampleImage sample = await SampleAsync();
        await using OpenedSource opened = await OpenAsync(from);
        await SendAsync(OciImage.From(opened.Image!).Append(Hello()), to);

        EncodedLayer tar = await Hello().EncodeAsync(Stream.Null, new LayerEncodeOptions());
        await using OpenedSource made = await OpenAsync(to);
        Assert.Equal([.. sample.Config.DiffIds, tar.DiffId], made.Image!.Config.DiffIds);
        foreach (ImageLayer layer in made.Image.Layers)
        {
            await layer.EncodeAsync(Stream.Null, new LayerEncodeOptions());
        }
    }

    [Fact]
    public async Task An_image_that_nothing_changes_keeps_its_documents()
    {
        await SampleAsync();
        await using OpenedSource opened = await OpenAsync("oci-archive:SAMPLE");
        TakenImage taken = await SendAsync(OciImage.From(opened.Image!), "oci:LAYOUT:same");
        Assert.Equal(opened.Image!.Manifest!.Digest, taken.Manifest);
    }

    [Fact]
    public async Task A_change_keeps_the_bytes_of_everything_else_in_the_config()
    {
        const string Config =
            """{"x":{"y":1.50}, "config":{"odd":[1.0],"Cmd":["/run"],"Env":["A=1"],"z":null},"created":"2020-01-02T03:04:05.000Z","os":"linux","architecture":"amd64","history":[{"comment":"c","created_by":"b","k":1.0}],"rootfs":{"diff_ids":[DIFFIDS],"type":"layers","q":0}}""";
        SampleImage sample = SampleImage.Of("one");
        string diffIds = $"\"{sample.Config.DiffIds[0]}\"";
        await File.WriteAllBytesAsync(_folder["sample"], sample.With(Config.Replace("DIFFIDS", diffIds)).OciArchive());
        await using OpenedSource opened = await OpenAsync("oci-archive:SAMPLE");

        OciImage image = OciImage.From(opened.Image!)
            .WithConfig(config => config with { Env = [.. config.Env!, "B=2"], User = "7" })
            .Append(Hello(), new HistoryEntry { Created = "2021-02-03T04:05:06Z", CreatedBy = "me" });
        await SendAsync(image, "oci:LAYOUT:new");

        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        EncodedLayer tar = await Hello().EncodeAsync(Stream.Null, new LayerEncodeOptions());
        string expected = Config.Replace("DIFFIDS", $"{diffIds},\"{tar.DiffId}\"")
            .Replace("\"A=1\"", "\"A=1\",\"B=2\"")
            .Replace("\"z\":null", "\"z\":null,\"User\":\"7\"")
            .Replace("\"k\":1.0}", "\"k\":1.0},{\"created\":\"2021-02-03T04:05:06Z\",\"created_by\":\"me\"}")
            .Replace(", \"config\"", ",\"config\"");
        Assert.Equal(expected, Encoding.UTF8.GetString(made.Image!.Config.Bytes.Span));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"Env":null,"Labels":null,"x":null}""")]
    public async Task A_config_of_nulls_is_changed(string old)
    {
        SampleImage sample = SampleImage.Of("one");
        string config = $$$"""{"config":{{{old}}},"history":null,"created":null,"rootfs":{"diff_ids":["{{{sample.Config.DiffIds[0]}}}"],"type":null}}""";
        await File.WriteAllBytesAsync(_folder["sample"], sample.With(config).OciArchive());
        await using OpenedSource opened = await OpenAsync("oci-archive:SAMPLE");
        await SendAsync(OciImage.From(opened.Image!).WithConfig(run => run.WithVariable("A", "b").WithLabel("l", "m")).Append(Hello()), "oci:LAYOUT:new");
        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        Assert.Equal(["A=b"], made.Image!.Config.Config.Env);
        Assert.Equal("m", made.Image.Config.Config.Labels!["l"]);
        Assert.Empty(made.Image.Config.History);
    }

    [Fact]
    public async Task Annotations_reach_a_manifest_that_does_not_exist_yet()
    {
        await SampleAsync();
        await using OpenedSource opened = await OpenAsync("docker-data:BASE//sample:1");
        OciImage image = OciImage.From(opened.Image!) with { Annotations = new Dictionary<string, string> { ["a"] = "b" } };
        await SendAsync(image, "oci:LAYOUT:new");
        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        Assert.Equal("b", made.Image!.Manifest!.Annotations["a"]);
    }

    [Fact]
    public async Task A_stream_reaches_a_layout_in_one_pass()
    {
        byte[] tar = SampleImage.Layer("streamed");
        OciImage image = OciImage.Scratch().Append(NewLayer.FromStream(new ChunkedStream(tar, 100)));
        await SendAsync(image, "oci:LAYOUT:new");
        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        Assert.Equal($"{Digest.OfSha256(tar)}", $"{made.Image!.Config.DiffIds[0]}");
    }

    [Fact]
    public async Task The_same_image_has_the_same_digest_each_time_and_at_every_place()
    {
        TakenImage[] taken =
        [
            await SendAsync(OciImage.Scratch().WithCreated(Time).Append(Hello()), "oci:ONE:new"),
            await SendAsync(OciImage.Scratch().WithCreated(Time).Append(Hello()), "oci:TWO:new"),
            await SendAsync(OciImage.Scratch().WithCreated(Time).Append(Hello()), "oci-archive:FILE:new"),
        ];
        Assert.Single(taken.Select(image => image.Manifest).Distinct());
    }

    [Fact]
    public async Task A_rebased_image_has_the_new_base_below_what_it_added()
    {
        SampleImage[] bases = [SampleImage.Of("old", "shared"), SampleImage.Of("new", "more", "shared")];
        await File.WriteAllBytesAsync(_folder["one"], bases[0].With(Told(bases[0], "old")).OciArchive());
        await File.WriteAllBytesAsync(_folder["two"], bases[1].With(Told(bases[1], "new")).OciArchive());
        await using OpenedSource oldBase = await OpenAsync("oci-archive:ONE"), newBase = await OpenAsync("oci-archive:TWO");
        OciImage image = OciImage.From(oldBase.Image!).WithConfig(config => config with { User = "7" })
            .Append(Hello(), new HistoryEntry { CreatedBy = "own" });

        await SendAsync(image.Rebase(OciImage.From(oldBase.Image!), OciImage.From(newBase.Image!)), "oci:LAYOUT:rebased");

        await using OpenedSource made = await OpenAsync("oci:LAYOUT:rebased");
        EncodedLayer own = await Hello().EncodeAsync(Stream.Null, new LayerEncodeOptions());
        Assert.Equal([.. bases[1].Config.DiffIds, own.DiffId], made.Image!.Config.DiffIds);
        Assert.Equal(["new 0", "new 1", "new 2", "own"], made.Image.Config.History.Select(step => step.CreatedBy));
        Assert.Equal("7", made.Image.Config.Config.User);
        Assert.Contains("\"created_by\":\"new 0\", \"odd\":1.0}", Encoding.UTF8.GetString(made.Image.Config.Bytes.Span), StringComparison.Ordinal);

        static string Told(SampleImage image, string name)
        {
            string history = string.Join(',', image.Layers.Select((_, i) => $"{{\"created_by\":\"{name} {i}\", \"odd\":1.0}}"));
            return Encoding.UTF8.GetString(image.Config.Bytes.Span).Replace("\"history\":[]", $"\"history\":[{history}]");
        }
    }

    [Fact]
    public async Task An_image_that_is_not_based_on_the_old_base_is_not_rebased()
    {
        await File.WriteAllBytesAsync(_folder["one"], SampleImage.Of("one").OciArchive());
        await File.WriteAllBytesAsync(_folder["two"], SampleImage.Of("two", "more").OciArchive());
        await using OpenedSource one = await OpenAsync("oci-archive:ONE"), two = await OpenAsync("oci-archive:TWO");
        OciImage first = OciImage.From(one.Image!), second = OciImage.From(two.Image!);
        Assert.Contains("it has 1 layers, the base 2", Assert.Throws<MalformedDataException>(() => first.Rebase(second, first)).Message, StringComparison.Ordinal);
        Assert.Contains("layer 1 is", Assert.Throws<MalformedDataException>(() => second.Rebase(first, first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flattened_image_has_one_layer_with_what_a_container_sees()
    {
        await SampleAsync();
        await using OpenedSource opened = await OpenAsync("docker-data:BASE//sample:1");
        OciImage image = OciImage.From(opened.Image!)
            .Append(NewLayer.FromEntries([LayerEntry.Whiteout("/file-one"), LayerEntry.File("/file-two", "changed")])).Append(Hello());
        await SendAsync(image.Flatten(), "oci:LAYOUT:flat");

        await using OpenedSource made = await OpenAsync("oci:LAYOUT:flat");
        Assert.Single(made.Image!.Layers);
        Assert.Equal("blobs flatten", Assert.Single(made.Image.Config.History).CreatedBy);
        ImageEntry root = await new ImageFileSystem(made.Image.Layers).ReadTreeAsync();
        Assert.Equal(["/file-two", "/srv"], root.Children.Select(child => $"{child}").Order());
    }

    [Fact]
    public async Task Entries_are_left_out_and_changed_in_every_layer()
    {
        await SampleAsync();
        await using OpenedSource opened = await OpenAsync("oci-archive:SAMPLE");
        NewLayer more = NewLayer.FromEntries(
        [
            LayerEntry.File("/a", "secret"),
            new LayerEntry(new TarMember { Name = "./b"u8.ToArray(), Type = TarEntryType.HardLink, LinkName = "/a"u8.ToArray() }),
            LayerEntry.File("/c", "kept").OwnedBy(1, 2),
        ]);
        OciImage image = OciImage.From(opened.Image!).Append(more)
            .WithEntries(entry => entry.Name.AsSpan().SequenceEqual("a"u8) ? null : entry with { Mode = 0b111_000_000 })
            .WithLayerTimes(Time);
        await SendAsync(image, "oci:LAYOUT:new");

        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        ImageEntry root = await new ImageFileSystem(made.Image!.Layers).ReadTreeAsync();
        Assert.Equal(["/c", "/file-one", "/file-two"], root.Children.Select(child => $"{child}"));
        Assert.All(root.Children, child => Assert.Equal((0b111_000_000, Time.ToUnixTimeSeconds()), (child.File.Mode, child.File.ModifiedTime.Seconds)));
        Assert.Equal((1, 2), (root.Children[0].File.Uid, root.Children[0].File.Gid));
        Assert.Equal(opened.Image!.Config.History.Count, made.Image.Config.History.Count);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_new_layer_has_the_compression_that_the_target_wants(CompressionKind compression)
    {
        await SampleAsync();
        await using OpenedSource opened = await OpenAsync("oci-archive:SAMPLE");
        OciImage image = OciImage.From(opened.Image!).Append(Hello());
        await ImageCopier.SendAsync(image, Place("oci:LAYOUT:new"), new CopyOptions { Compression = compression });
        await using OpenedSource made = await OpenAsync("oci:LAYOUT:new");
        Assert.All(made.Image!.Manifest!.Layers, layer => Assert.EndsWith(compression.ToString().ToLowerInvariant(), layer.MediaType, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Labels_variables_ports_and_volumes_are_set_one_by_one()
    {
        RunConfig config = new RunConfig { Env = ["A=1", "AB=2"] }
            .WithVariable("A", "3").WithVariable("C", "").WithLabel("l", "m").WithLabel("n", "o").WithLabel("l", null)
            .WithPort("80/tcp").WithPort("80/tcp").WithVolume("/data");
        await SendAsync(OciImage.Scratch(new Platform { Os = "linux", Architecture = "arm64" }).WithConfig(_ => config), "oci:LAYOUT:new");
        await using OpenedSource made = await OpenedSource.OpenAsync(Place("oci:LAYOUT:new"), platform: new Platform { Os = "linux", Architecture = "arm64" });
        Assert.Equal(
            """{"architecture":"arm64","os":"linux","config":{"ExposedPorts":{"80/tcp":{}},"Env":["A=3","AB=2","C="],"Volumes":{"/data":{}},"Labels":{"n":"o"}},"rootfs":{"type":"layers","diff_ids":[]}}""",
            Encoding.UTF8.GetString(made.Image!.Config.Bytes.Span));
    }

    private static NewLayer Hello() => NewLayer.FromEntries(
        [LayerEntry.Directory("/srv/app"), LayerEntry.File("/srv/app/hello", "hello\n", 0b111_101_101).OwnedBy(7, 8).ModifiedAt(Time)]);

    private async Task<SampleImage> SampleAsync()
    {
        SampleImage sample = SampleImage.Of("one", "two", "one");
        await File.WriteAllBytesAsync(_folder["sample"], sample.OciArchive());
        await File.WriteAllBytesAsync(_folder["docker"], sample.DockerArchive());
        await ImageCopier.CopyAsync(Place("oci-archive:SAMPLE"), Place("docker-data:BASE//sample:1"));
        return sample;
    }

    private Task<TakenImage> SendAsync(OciImage image, string to) => ImageCopier.SendAsync(image, Place(to));

    private Task<OpenedSource> OpenAsync(string from) => OpenedSource.OpenAsync(Place(from));

    private ImagePlace Place(string text) => ImagePlace.Parse(
        new[] { "LAYOUT", "FILE", "ROOT", "BASE", "SAMPLE", "DOCKER", "ONE", "TWO" }.Aggregate(text, (place, name) => place.Replace(name, _folder[name.ToLowerInvariant()])));
}
