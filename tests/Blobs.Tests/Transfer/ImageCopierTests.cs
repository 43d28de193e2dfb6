using System.Text;
using System.Text.Json;
using Blobs.Compression;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Copies between every pair of places that needs no network.</summary>
public sealed class ImageCopierTests : IAsyncLifetime
{
    private static readonly string[] Places = ["docker-data", "docker-archive", "oci", "oci-archive"];

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly SampleImage _sample = SampleImage.Of("one", "two", "one");

    public static TheoryData<string, string, CompressionKind?> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string, CompressionKind?>();
            foreach (string from in Places)
            {
                foreach (string to in Places)
                {
                    pairs.Add(from, to, null);
                    if (from == "docker-data" && to != "docker-data")
                    {
                        pairs.Add(from, to, CompressionKind.None);
                        pairs.Add(from, to, CompressionKind.Gzip);
                        pairs.Add(from, to, CompressionKind.Zstd);
                    }
                }
            }

            return pairs;
        }
    }

    public async ValueTask InitializeAsync()
    {
        using var archive = new MemoryStream(_sample.DockerArchive());
        await ImageLoader.LoadAsync(archive, "archive", Root("root"));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_image_goes_from_anywhere_to_anywhere(string from, string to, CompressionKind? compression)
    {
        string source = await PutAtAsync(from);
        string target = At(to, "target");
        var options = new CopyOptions { Compression = compression, Driver = "vfs" };
        CopyResult copied = await ImageCopier.CopyAsync(ImagePlace.Parse(source), ImagePlace.Parse(target), options);
        Assert.Equal(_sample.Config.Id, copied.Image!.Id);

        // Back into a root, where every layer must give the tar it once was.
        string back = to == "docker-data" ? "target" : "back";
        if (to != "docker-data")
        {
            await CopyAsync(target, $"docker-data:{_folder[back]}//sample:1");
        }

        DockerRoot root = Root(back);
        Assert.Equal(_sample.Config.Id, root.Find("sample:1").Id);
        for (int i = 0; i < _sample.Layers.Length; i++)
        {
            using var tar = new MemoryStream();
            await root.Layers.ExportAsync(_sample.Config.ChainIds[i], tar);
            Assert.Equal(_sample.Layers[i], tar.ToArray());
        }
    }

    [Theory]
    [InlineData("docker-archive")]
    [InlineData("oci")]
    [InlineData("oci-archive")]
    public async Task The_same_image_gives_the_same_bytes(string to)
    {
        await CopyAsync(await PutAtAsync("docker-data"), At(to, "first"));
        await CopyAsync(await PutAtAsync("docker-data"), At(to, "second"));
        if (to == "oci")
        {
            string[] files = [.. Directory.GetFiles(_folder["first"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            Assert.NotEmpty(files);
            Assert.All(files, file => Assert.Equal(
                File.ReadAllBytes(file), File.ReadAllBytes(file.Replace(_folder["first"], _folder["second"], StringComparison.Ordinal))));
        }
        else
        {
            Assert.Equal(await File.ReadAllBytesAsync(_folder["first"]), await File.ReadAllBytesAsync(_folder["second"]));
        }
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("oci")]
    public async Task A_forward_only_target_gets_the_same_bytes(string format)
    {
        foreach (CompressionKind compression in (CompressionKind[])[CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstd])
        {
            using var seekable = new MemoryStream();
            using var forward = new MemoryStream();
            foreach (MemoryStream stream in (MemoryStream[])[seekable, forward])
            {
                var options = new ArchiveOptions { Compression = compression, ForwardOnly = stream == forward };
                await using IImageTarget target = format == "oci"
                    ? OciLayoutTarget.ToArchive(stream, options: options)
                    : new DockerArchiveTarget(stream, options);
                await ImageSaver.SaveAsync(Root("root"), ["sample:1"], target);
            }

            Assert.Equal(seekable.ToArray(), forward.ToArray());
        }
    }

    [Theory]
    [InlineData("oci-archive:-", "oci-archive:/dev/null", "oci-archive:-: standard input cannot be read twice; name a file")]
    [InlineData("docker-archive:-:app:1", "oci:layout", "docker-archive:-:app:1: standard input cannot be read twice; name a file")]
    [InlineData("docker-archive:/dev/null", "oci:-", "oci:-: a layout is a directory; oci-archive:- writes to standard output")]
    public async Task Standard_streams_are_refused_where_they_cannot_work(string from, string to, string expected)
    {
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageCopier.CopyAsync(ImagePlace.Parse(from), ImagePlace.Parse(to)));
        Assert.Equal(expected, fault.Message);
    }

    [Fact]
    public async Task An_OCI_archive_has_a_manifest_for_Docker_without_OCI()
    {
        string file = _folder["both.tar"];
        await using (FileStream stream = File.Create(file))
        {
            await using OciLayoutTarget target = OciLayoutTarget.ToArchive(stream);
            await ImageSaver.SaveAsync(Root("root"), ["sample:1"], target);
        }

        using TarFiles files = await TarFiles.OpenAsync(file, File.OpenRead(file), leaveOpen: false, Limits.Default, CancellationToken.None);
        DockerManifestItem item = Assert.Single(DockerManifestItem.Parse(files, files.ReadDocument("manifest.json", 1 << 20)));
        ArchivedImage layout = Assert.Single(OciLayout.TryRead(files, Limits.Default)!);
        Assert.Equal($"blobs/sha256/{_sample.Config.Id.Hex}", item.Config);
        Assert.Equal(["sample:1"], item.RepoTags);
        Assert.Equal(layout.Manifest!.Layers.Select(layer => $"blobs/sha256/{layer.Digest.Hex}"), item.Layers);

        // A layout that is a folder has what the specification names and no more.
        await CopyAsync(At("docker-data", "root"), At("oci", "folder"));
        Assert.False(File.Exists(_folder["folder/manifest.json"]));
    }

    [Fact]
    public async Task A_manifest_of_OCI_keeps_its_bytes_and_its_blobs()
    {
        string source = await PutAtAsync("oci");
        CopyResult taken = await CopyAsync(source, $"oci-archive:{_folder["a.tar"]}:x");
        CopyResult again = await CopyAsync($"oci-archive:{_folder["a.tar"]}:x", $"oci:{_folder["again"]}:x");
        Assert.Equal(taken.Digest, again.Digest);
        string name = $"blobs/sha256/{taken.Digest.Hex}";
        Assert.Equal(await File.ReadAllBytesAsync(_folder[$"source/{name}"]), await File.ReadAllBytesAsync(_folder[$"again/{name}"]));
    }

    [Fact]
    public async Task A_layout_keeps_its_other_images_and_replaces_one_of_the_same_name()
    {
        string source = await PutAtAsync("docker-data");
        using var other = new MemoryStream(SampleImage.Of("other").DockerArchive("other:1"));
        await ImageLoader.LoadAsync(other, "archive", Root("root"));
        await CopyAsync(source, $"oci:{_folder["layout"]}:a");
        await CopyAsync($"docker-data:{_folder["root"]}//other:1", $"oci:{_folder["layout"]}:b");
        await CopyAsync($"docker-data:{_folder["root"]}//other:1", $"oci:{_folder["layout"]}:a");
        using ImageArchive layout = await ImageArchive.OpenAsync(_folder["layout"]);
        Assert.Equal(2, layout.Images.Count);
        Assert.Equal(layout.Find("a").Config.Id, layout.Find("b").Config.Id);
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => layout.Find("c"));
        Assert.Equal(Fault.ImageArchive, fault.Fault);
        Assert.Throws<MalformedDataException>(() => layout.Find(null));
    }

    [Fact]
    public async Task A_layout_with_an_index_of_platforms_gives_the_image_for_this_one()
    {
        string source = await PutAtAsync("oci");
        using ImageArchive archive = await ImageArchive.OpenAsync(_folder["source"]);
        ImageManifest manifest = archive.Images[0].Manifest!;
        Descriptor foreign = manifest.Describe() with
        {
            Digest = Digest.Parse("sha256:" + new string('0', 64)),
            Platform = new Platform { Os = "plan9", Architecture = "mips" },
        };
        ImageIndex nested = ManifestWriter.Index(
            MediaTypes.OciIndex, [foreign, manifest.Describe() with { Platform = Platform.Current }]);
        await File.WriteAllBytesAsync(_folder[$"source/blobs/sha256/{nested.Digest.Hex}"], nested.Bytes.ToArray());
        var names = new Dictionary<string, string> { ["io.containerd.image.name"] = "docker.io/library/multi:2" };
        ImageIndex index = ManifestWriter.Index(
            MediaTypes.OciIndex, [nested.Describe() with { Annotations = names }]);
        await File.WriteAllBytesAsync(_folder["source/index.json"], index.Bytes.ToArray());
        TakenImage taken = Assert.Single(await ImageLoader.LoadAsync(_folder["source"], Root("loaded")));
        Assert.Equal(["multi:2"], taken.Names.Select(name => name.Familiar));
        Assert.Equal(_sample.Config.Id, taken.Id);
        Assert.NotEmpty(source);
    }

    [Fact]
    public async Task A_layout_of_another_version_is_refused()
    {
        await PutAtAsync("oci");
        await File.WriteAllTextAsync(_folder["source/oci-layout"], """{"imageLayoutVersion":"2.0.0"}""");
        await Assert.ThrowsAsync<MalformedDataException>(() => ImageArchive.OpenAsync(_folder["source"]));
    }

    [Fact]
    public async Task A_blob_that_is_not_what_its_name_says_is_refused_and_leaves_nothing()
    {
        await PutAtAsync("oci");
        string largest = Directory.GetFiles(_folder["source/blobs/sha256"]).MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = await File.ReadAllBytesAsync(largest);
        bytes[^9] ^= 1;
        await File.WriteAllBytesAsync(largest, bytes);
        string source = $"oci:{_folder["source"]}:sample:1";
        string[] before = _folder.Listing();
        foreach (string place in Places)
        {
            await Assert.ThrowsAnyAsync<BlobsException>(() => CopyAsync(source, At(place, "target")));
            Assert.Equal(before, _folder.Listing());
        }
    }

    [Fact]
    public async Task A_link_in_a_layout_leads_nowhere_outside()
    {
        await PutAtAsync("oci");
        string blob = Directory.GetFiles(_folder["source/blobs/sha256"])[0];
        string outside = _folder["outside"];
        File.Move(blob, outside);
        File.CreateSymbolicLink(blob, outside);
        await Assert.ThrowsAsync<MalformedDataException>(() => CopyAsync($"oci:{_folder["source"]}:sample:1", At("docker-data", "target")));
    }

    [Fact]
    public async Task Save_takes_what_docker_save_takes()
    {
        DockerRoot root = Root("root");
        await root.TagAsync(root.Find("sample:1"), ImageReference.Parse("sample:2"));
        await root.TagAsync(root.Find("sample:1"), ImageReference.Parse("elsewhere/sample:3"));
        Assert.Equal("""["sample:1"]""", await TagsAsync("sample:1"));
        Assert.Equal("""["sample:1","sample:2"]""", await TagsAsync("sample"));
        Assert.Equal("""["sample:2","elsewhere/sample:3"]""", await TagsAsync("sample:2", "elsewhere/sample:3", "sample:2"));
        Assert.Equal("null", await TagsAsync($"{_sample.Config.Id}"));
        Assert.Equal("null", await TagsAsync(_sample.Config.Id.Hex[..10]));
        await Assert.ThrowsAsync<NotFoundException>(() => TagsAsync("sample:9"));
    }

    private async Task<string> TagsAsync(params string[] names)
    {
        string file = _folder["saved.tar"];
        await using (FileStream stream = File.Create(file))
        {
            await using var target = new DockerArchiveTarget(stream);
            await ImageSaver.SaveAsync(Root("root"), names, target);
        }

        using TarFiles files = await TarFiles.OpenAsync(file, File.OpenRead(file), leaveOpen: false, Limits.Default, CancellationToken.None);
        using JsonDocument manifest = JsonDocument.Parse(Encoding.UTF8.GetString(files.ReadDocument("manifest.json", 1 << 20)));
        return manifest.RootElement[0].GetProperty("RepoTags").GetRawText();
    }

    private static Task<CopyResult> CopyAsync(string from, string to) =>
        ImageCopier.CopyAsync(ImagePlace.Parse(from), ImagePlace.Parse(to), new CopyOptions { Driver = "vfs" });

    private DockerRoot Root(string name) => DockerRoot.Open(_folder[name], new DockerRootOptions { Driver = "vfs" });

    private string At(string place, string name) => place == "docker-data"
        ? $"docker-data:{_folder[name]}//sample:1"
        : $"{place}:{_folder[name]}:sample:1";

    private async Task<string> PutAtAsync(string place)
    {
        string root = At("docker-data", "root");
        if (place == "docker-data")
        {
            return root;
        }

        string location = At(place, "source");
        await CopyAsync(root, location);
        return location;
    }
}
