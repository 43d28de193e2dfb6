using System.IO.Compression;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Archives as a seekable file, as a stream, and as a stream for a driver that needs layers in
/// order.</summary>
public sealed class ImageLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string, bool> Ways => new()
    {
        { "overlay2", true },
        { "overlay2", false },
        { "vfs", true },
        { "vfs", false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Loads_an_image_whose_layers_come_before_its_manifest(string driver, bool isFile)
    {
        SampleImage sample = SampleImage.Of("one", "two", "three");
        TakenImage taken = Assert.Single(await LoadAsync(sample.DockerArchive(), driver, isFile));
        Assert.Equal(sample.Config.Id, taken.Id);
        Assert.Equal(["sample:1"], taken.Names.Select(name => name.Familiar));
        await AssertHasAsync(driver, sample);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Loads_layers_however_they_are_compressed(string driver, bool isFile)
    {
        SampleImage sample = SampleImage.Of("one", "two");
        await LoadAsync(sample.DockerArchive(compress: Gzip), driver, isFile);
        await AssertHasAsync(driver, sample);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Loads_an_archive_that_is_compressed_as_a_whole(string driver, bool isFile)
    {
        SampleImage sample = SampleImage.Of("one", "two");
        await LoadAsync(Gzip(sample.DockerArchive()), driver, isFile);
        await AssertHasAsync(driver, sample);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_layer_upon_two_others_is_two_layers(string driver, bool isFile)
    {
        // Both images end in the same layer; it is in the archive once, and a link.
        SampleImage first = SampleImage.Of("one", "shared");
        SampleImage second = SampleImage.Of("two", "shared", "shared-again", "two");
        string manifest =
            """[{"Config":"1.json","RepoTags":["a:1"],"Layers":["1/layer.tar","s/layer.tar"]},""" +
            """{"Config":"2.json","RepoTags":["a:2"],"Layers":["2/layer.tar","l/layer.tar","./t/layer.tar","h.tar"]}]""";
        byte[] archive = Archive.Of(
            Archive.Link(TarEntryType.SymbolicLink, "l/layer.tar", "../s/layer.tar"),
            Archive.File("1/layer.tar", first.Layers[0]),
            Archive.File("s/layer.tar", first.Layers[1]),
            Archive.File("2/layer.tar", second.Layers[0]),
            Archive.Link(TarEntryType.HardLink, "h.tar", "2/layer.tar"),
            Archive.File("t/layer.tar", second.Layers[2]),
            Archive.File("1.json", first.Config.Bytes.ToArray()),
            Archive.File("2.json", second.Config.Bytes.ToArray()),
            Archive.File("manifest.json", manifest));
        Assert.Equal(2, (await LoadAsync(archive, driver, isFile)).Count);
        await AssertHasAsync(driver, first);
        await AssertHasAsync(driver, second);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_existing_layer_is_not_unpacked_again(string driver, bool isFile)
    {
        await LoadAsync(SampleImage.Of("one", "two").DockerArchive("a:1"), driver, isFile);
        string[] layers = Directory.GetDirectories(_folder[$"root/image/{driver}/layerdb/sha256"]);
        TakenImage taken = Assert.Single(await LoadAsync(SampleImage.Of("one", "two", "three").DockerArchive("a:2"), driver, isFile));
        Assert.Equal(1, taken.NewLayers);
        Assert.Superset(layers.ToHashSet(), Directory.GetDirectories(_folder[$"root/image/{driver}/layerdb/sha256"]).ToHashSet());
        Assert.Equal(3, Directory.GetDirectories(_folder[$"root/image/{driver}/layerdb/sha256"]).Length);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_layer_that_is_not_the_one_named_leaves_nothing(string driver, bool isFile)
    {
        SampleImage sample = SampleImage.Of("one", "two", "three");
        sample.Layers[1] = SampleImage.Layer("other");
        await Assert.ThrowsAsync<DigestMismatchException>(() => LoadAsync(sample.DockerArchive(), driver, isFile));
        AssertNothingIsLeft();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_layer_of_another_size_than_its_descriptor_says_leaves_nothing(string driver, bool isFile)
    {
        SampleImage sample = SampleImage.Of("one", "two");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => LoadAsync(sample.OciArchive(sizeOf: layer => layer.Length - 1), driver, isFile));
        Assert.Contains($"is {sample.Layers[0].Length} bytes long", fault.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
        await LoadAsync(sample.OciArchive(), driver, isFile);
        await AssertHasAsync(driver, sample);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_archive_that_is_cut_off_anywhere_leaves_nothing(string driver, bool isFile)
    {
        byte[] archive = SampleImage.Of("one", "two").DockerArchive();

        // Without its end marker and the last member's padding an archive is still whole.
        for (int length = 1; length < archive.Length - 1536; length += 777)
        {
            await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive[..length], driver, isFile));
            AssertNothingIsLeft();
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("{}")]
    [InlineData("""[{"Config":"missing","RepoTags":null,"Layers":[]}]""")]
    [InlineData("""[{"Config":null,"RepoTags":null,"Layers":[]}]""")]
    [InlineData("""[{"Config":"config.json","RepoTags":null,"Layers":["0/layer.tar","1/layer.tar"]}]""")]
    [InlineData("""[{"Config":"config.json","RepoTags":null,"Layers":["nowhere"]}]""")]
    [InlineData("""[{"Config":"config.json","RepoTags":["no tag"],"Layers":["0/layer.tar"]}]""")]
    [InlineData("""[{"Config":"config.json","RepoTags":["a"],"Layers":["0/layer.tar"]}]""")]
    [InlineData("""[{"Config":"config.json","RepoTags":null,"Layers":[null]}]""")]
    [InlineData("""[{"Config":"../../etc/passwd","RepoTags":null,"Layers":["0/layer.tar"]}]""")]
    public async Task A_manifest_that_makes_no_sense_is_refused(string manifest)
    {
        SampleImage sample = SampleImage.Of("one");
        byte[] archive = Archive.Of(
            Archive.File("0/layer.tar", sample.Layers[0]),
            Archive.File("config.json", sample.Config.Bytes.ToArray()),
            Archive.File("manifest.json", manifest));
        foreach (bool isFile in (bool[])[true, false])
        {
            MalformedDataException fault =
                await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive, "overlay2", isFile));
            Assert.Equal(Fault.ImageArchive, fault.Fault);
            AssertNothingIsLeft();
        }
    }

    [Fact]
    public async Task A_tar_without_images_is_refused()
    {
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => LoadAsync(SampleImage.Layer("one"), "overlay2", isFile: false));
        Assert.Contains("it has no manifest.json, index.json or repositories", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_is_refused_as_an_image_archive()
    {
        // What looks like a compressed layer is a file of the layer.
        byte[] layer = Archive.Of(Archive.File("usr/share/doc/changelog.gz", Gzip(new byte[4096])), Archive.File("damaged.gz", Gzip("no tar"u8.ToArray())));
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => LoadAsync(Gzip(layer), "overlay2", isFile: false));
        Assert.Equal(
            "archive: is not an image archive: it has no manifest.json, index.json or repositories; use ingest for a single layer",
            fault.Message);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_not_a_tar_is_refused_under_its_name(bool isFile)
    {
        byte[] text = System.Text.Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Repeat("no archive", 200)));
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(text, "overlay2", isFile));
        Assert.Equal(Fault.ImageArchive, fault.Fault);
        Assert.EndsWith(": is not a tar, compressed or not, so it cannot be an image archive", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker", "04:05Z", "04:05x", "'config.json': image config: $.created: ")]
    [InlineData("docker", "\"rootfs\"", "\"rootxx\"", "'config.json': image config: there is no rootfs")]
    [InlineData("oci", "{\"schemaVersion\":2,\"manifests\"", "[\"schemaVersion\":2,\"manifests\"", "'index.json': ")]
    [InlineData("oci", "\"Cmd\"", "\"Cmx\"", "blobs/sha256/")]
    public async Task An_error_in_a_document_names_archive_and_document(
        string format, string right, string wrong, string error)
    {
        SampleImage sample = SampleImage.Of("one");
        byte[] archive = format == "docker" ? sample.DockerArchive() : sample.OciArchive();
        byte[] damaged = System.Text.Encoding.Latin1.GetBytes(
            System.Text.Encoding.Latin1.GetString(archive).Replace(right, wrong, StringComparison.Ordinal));
        foreach (bool isFile in (bool[])[false, true])
        {
            Exception? fault = await Record.ExceptionAsync(() => LoadAsync(damaged, "overlay2", isFile));
            string name = isFile ? _folder["archive.tar"] : "archive";
            Assert.StartsWith($"{name}: {error}", Assert.IsAssignableFrom<BlobsException>(fault).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_layer_of_a_streamed_archive_is_named()
    {
        byte[] archive = SampleImage.Of("one").DockerArchive(compress: layer => Gzip(layer)[..^8]);
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive, "overlay2", isFile: false));
        Assert.StartsWith("archive: '0/layer.tar': gzip: ", fault.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_loop_of_links_is_a_missing_file()
    {
        SampleImage sample = SampleImage.Of("one");
        byte[] archive = Archive.Of(
            Archive.Link(TarEntryType.SymbolicLink, "0/layer.tar", "../1/layer.tar"),
            Archive.Link(TarEntryType.SymbolicLink, "1/layer.tar", "../0/layer.tar"),
            Archive.File("config.json", sample.Config.Bytes.ToArray()),
            Archive.File("manifest.json", """[{"Config":"config.json","RepoTags":null,"Layers":["0/layer.tar"]}]"""));
        await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive, "overlay2", isFile: true));
        await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive, "overlay2", isFile: false));
    }

    [Fact]
    public async Task More_members_than_allowed_are_refused()
    {
        var limits = new Limits { ArchiveMembers = 3 };
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "overlay2", Limits = limits });
        using var archive = new MemoryStream(SampleImage.Of("one", "two").DockerArchive());
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(() => ImageLoader.LoadAsync(archive, "a", root));
        Assert.Equal(nameof(Limits.ArchiveMembers), fault.Limit);
    }

    [Fact]
    public async Task More_documents_than_can_be_kept_are_refused()
    {
        var limits = new Limits { ArchiveDocumentBytes = 100 };
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "overlay2", Limits = limits });
        using var archive = new MemoryStream(SampleImage.Of("one", "two").DockerArchive());
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(() => ImageLoader.LoadAsync(archive, "a", root));
        Assert.Equal(nameof(Limits.ArchiveDocumentBytes), fault.Limit);
    }

    [Fact]
    public async Task A_parent_in_the_same_archive_is_remembered()
    {
        const string Step = """{"created":"2020-01-02T03:04:05Z","created_by":"a"}""";
        SampleImage parent = SampleImage.From([SampleImage.Layer("one")], history: Step);
        SampleImage child = SampleImage.From(
            [SampleImage.Layer("one"), SampleImage.Layer("two")], history: $$"""{{Step}},{"created":"2020-01-02T03:04:05Z","created_by":"b"}""");
        await LoadAsync(ArchiveOf(parent, child, $"{parent.Config.Id}"), "overlay2", isFile: true);
        DockerRoot root = Root("overlay2");
        Assert.Equal(parent.Config.Id, root.Images.TryGet(child.Config.Id)!.Parent);
        Assert.Null(root.Images.TryGet(parent.Config.Id)!.Parent);
    }

    [Fact]
    public async Task A_parent_whose_history_is_another_one_is_refused()
    {
        SampleImage parent = SampleImage.From([SampleImage.Layer("one")], history: """{"created_by":"a"}""");
        SampleImage child = SampleImage.From(
            [SampleImage.Layer("one"), SampleImage.Layer("two")], history: """{"created_by":"x"},{"created_by":"b"}""");
        await Assert.ThrowsAsync<MalformedDataException>(
            () => LoadAsync(ArchiveOf(parent, child, $"{parent.Config.Id}"), "overlay2", isFile: true));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_parent_that_is_not_in_the_archive_is_not_remembered()
    {
        SampleImage sample = SampleImage.Of("one");
        SampleImage other = SampleImage.Of("two");
        await LoadAsync(ArchiveOf(other, sample, "sha256:" + new string('a', 64)), "overlay2", isFile: true);
        Assert.Null(Root("overlay2").Images.TryGet(sample.Config.Id)!.Parent);
    }

    [Fact]
    public async Task A_name_that_meant_another_image_says_so()
    {
        SampleImage first = SampleImage.Of("one");
        await LoadAsync(first.DockerArchive("a:1"), "overlay2", isFile: true);
        TakenImage taken = Assert.Single(await LoadAsync(SampleImage.Of("two").DockerArchive("a:1"), "overlay2", isFile: true));
        Assert.Equal(first.Config.Id, Assert.Single(taken.Renamed).Value);
        Assert.Equal(taken.Id, Root("overlay2").Find("a:1").Id);
        Assert.Empty(Root("overlay2").Names.Read().Of(first.Config.Id));
    }

    [Fact]
    public async Task An_image_for_another_system_is_refused()
    {
        SampleImage sample = SampleImage.From([SampleImage.Layer("one")], os: "windows");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => LoadAsync(sample.DockerArchive(), "overlay2", isFile: true));
        Assert.Contains("windows", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_load_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        var progress = new CancelAtFirstReport(source);
        using var archive = new MemoryStream(SampleImage.Of("one", "two").DockerArchive());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ImageLoader.LoadAsync(archive, "archive", Root("overlay2"), null, progress, source.Token));
        Assert.Empty(_folder.Listing());
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] ArchiveOf(SampleImage first, SampleImage second, string parentOfSecond)
    {
        string manifest =
            """[{"Config":"1.json","RepoTags":null,"Layers":["1.tar"]},{"Config":"2.json","RepoTags":null,"Layers":[""" +
            string.Join(',', second.Layers.Select((_, i) => $"\"2-{i}.tar\"")) + $"],\"Parent\":\"{parentOfSecond}\"}}]";
        return Archive.Of(
        [
            Archive.File("manifest.json", manifest),
            Archive.File("1.json", first.Config.Bytes.ToArray()),
            Archive.File("2.json", second.Config.Bytes.ToArray()),
            Archive.File("1.tar", first.Layers[0]),
            .. second.Layers.Select((layer, i) => Archive.File($"2-{i}.tar", layer)),
        ]);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private DockerRoot Root(string driver) => DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = driver });

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_kernel_error_names_the_archive(string driver, bool isFile)
    {
        // As a full disk does, at any member.
        string member = new('x', 256);
        SampleImage sample = SampleImage.From([Archive.Of(Archive.File(member, ""))]);
        SystemCallException fault =
            await Assert.ThrowsAsync<SystemCallException>(() => LoadAsync(sample.DockerArchive(), driver, isFile));
        Assert.StartsWith($"{(isFile ? _folder["archive.tar"] : "archive")}: '{member[..30]}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Blobs.Files.Internal.Errno.NameTooLong, fault.Errno);
        AssertNothingIsLeft();
    }

    private async Task<IReadOnlyList<TakenImage>> LoadAsync(byte[] archive, string driver, bool isFile)
    {
        if (!isFile)
        {
            // In pieces, as a pipe gives them.
            using var pipe = new ChunkedStream(archive, 700);
            return await ImageLoader.LoadAsync(pipe, "archive", Root(driver));
        }

        string path = _folder["archive.tar"];
        await File.WriteAllBytesAsync(path, archive);
        return await ImageLoader.LoadAsync(path, Root(driver));
    }

    private void AssertNothingIsLeft() => Assert.False(Directory.Exists(_folder["root"]), string.Join('\n', _folder.Listing()));

    private async Task AssertHasAsync(string driver, SampleImage sample)
    {
        DockerRoot root = Root(driver);
        Assert.NotNull(root.Images.TryGet(sample.Config.Id));
        for (int i = 0; i < sample.Layers.Length; i++)
        {
            using var tar = new MemoryStream();
            await root.Layers.ExportAsync(sample.Config.ChainIds[i], tar);
            Assert.Equal(sample.Layers[i], tar.ToArray());
        }
    }

    private sealed class CancelAtFirstReport(CancellationTokenSource source) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => source.Cancel();
    }
}
