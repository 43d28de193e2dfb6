using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Layers in a directory, as containerd's cache of layers has them.</summary>
public sealed class ErofsDirectoryTargetTests : IDisposable
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly SampleImage _sample = SampleImage.Of("one", "two", "one");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ErofsLayout.Plain, 4)]
    [InlineData(ErofsLayout.Tar, 2)]
    public async Task Each_layer_is_an_image_by_its_DiffID_and_gives_its_tar_back(ErofsLayout layout, int fileCount)
    {
        TakenImage taken = await CopyAsync(layout);
        Assert.Equal((3, 2), (taken.LayerCount, taken.NewLayers));
        Assert.Equal(fileCount, Files().Length);
        Assert.All(Files(), file => Assert.Equal(Readable, File.GetUnixFileMode(file)));
        foreach (byte[] layer in _sample.Layers)
        {
            string image = ImageOf(layer);
            string recording = Path.ChangeExtension(image, ".tar-split.gz");
            await using FileStream opened = File.OpenRead(image);
            await using FileStream? record = layout == ErofsLayout.Plain ? File.OpenRead(recording) : null;
            using var back = new MemoryStream();
            await ErofsLayer.ExportAsync(opened, record, back);
            Assert.Equal(layer, back.ToArray());
        }
    }

    [Theory]
    [InlineData(ErofsLayout.Plain)]
    [InlineData(ErofsLayout.Tar)]
    public async Task With_a_dm_verity_tree_the_root_hash_is_beside_each_image_as_containerd_reads_it(ErofsLayout layout)
    {
        await CopyAsync(layout, hasVerity: true);
        foreach (byte[] layer in _sample.Layers)
        {
            byte[] plain = await ErofsImages.WriteAsync(layer, layout);
            byte[] image = await File.ReadAllBytesAsync(ImageOf(layer));
            Assert.Equal(plain, image[..plain.Length]);
            string sidecar = ImageOf(layer) + ".dmverity";
            Assert.Matches($$"""^{"roothash":"[0-9a-f]{64}","hashoffset":{{plain.Length}}}$""", await File.ReadAllTextAsync(sidecar));
            Assert.Equal(Readable, File.GetUnixFileMode(sidecar));
        }
    }

    [Fact]
    public async Task Layers_that_are_there_stay_as_they_are_and_what_killed_processes_left_is_removed()
    {
        await CopyAsync();
        await File.WriteAllTextAsync(ImageOf(_sample.Layers[0]), "made by someone else");
        string left = _folder["cache/sha256/.tmp-0123456789abcdef"];
        await File.WriteAllTextAsync(left, "half");
        Assert.Equal(0, (await CopyAsync()).NewLayers);
        Assert.Equal("made by someone else", await File.ReadAllTextAsync(ImageOf(_sample.Layers[0])));
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task A_root_hash_that_a_killed_process_left_does_not_stay_beside_an_image_without_a_tree()
    {
        string left = ImageOf(_sample.Layers[0]) + ".dmverity";
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllTextAsync(left, "{}");
        await CopyAsync();
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task Of_an_image_with_a_wrong_layer_nothing_wrong_is_left()
    {
        SampleImage wrong = SampleImage.Of("wrong").With(System.Text.Encoding.UTF8.GetString(_sample.Config.Bytes.Span)
            .Replace($",\"{Digest.OfSha256(_sample.Layers[1])}\",\"{Digest.OfSha256(_sample.Layers[0])}\"", "", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<BlobsException>(() => CopyAsync(archive: wrong.DockerArchive()));
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData(ErofsLayout.Plain)]
    [InlineData(ErofsLayout.Tar)]
    public async Task With_a_dm_verity_tree_asked_for_an_image_without_one_gets_it(ErofsLayout layout)
    {
        await CopyAsync(layout);
        byte[] before = await File.ReadAllBytesAsync(ImageOf(_sample.Layers[0]));
        Assert.Equal(2, (await CopyAsync(layout, hasVerity: true)).NewLayers);
        byte[] after = await File.ReadAllBytesAsync(ImageOf(_sample.Layers[0]));
        Assert.Equal(before, after[..before.Length]);
        Assert.Contains($"\"hashoffset\":{before.Length}", await File.ReadAllTextAsync(ImageOf(_sample.Layers[0]) + ".dmverity"), StringComparison.Ordinal);
        Assert.Equal(0, (await CopyAsync(layout, hasVerity: true)).NewLayers);
        Assert.Equal(0, (await CopyAsync(layout)).NewLayers);
        Assert.Equal(after, await File.ReadAllBytesAsync(ImageOf(_sample.Layers[0])));
    }

    [Fact]
    public async Task A_layer_that_is_new_is_written_in_one_pass_and_has_a_name_once_an_image_has_it()
    {
        byte[] tar = _sample.Layers[0];
        await using IImageTarget target = new ErofsDirectoryTarget(_folder["cache"], new CopyOptions());
        TakenLayer taken = await target.TakeLayerAsync(NewLayer.FromStream(new MemoryStream(tar)));
        Assert.Equal($"{Digest.OfSha256(tar)}", $"{taken.DiffId}");
        Assert.All(Files(), file => Assert.StartsWith(".tmp-", Path.GetFileName(file), StringComparison.Ordinal));

        SampleImage image = SampleImage.Of("one");
        await File.WriteAllBytesAsync(_folder["image.tar"], image.DockerArchive());
        using ImageArchive archive = await ImageArchive.OpenAsync(_folder["image.tar"]);
        Assert.Equal(1, (await target.TakeAsync(archive.Images[0], [])).NewLayers);
        Assert.Equal([ImageOf(tar), Path.ChangeExtension(ImageOf(tar), ".tar-split.gz")], Files().Order());
    }

    [Fact]
    public async Task Layers_of_a_stream_are_hidden_until_the_image_is_known_and_checked()
    {
        Assert.Equal(2, Assert.Single(await LoadStreamAsync(_sample.DockerArchive())).NewLayers);
        string[] whole = Files();
        Assert.Equal(4, whole.Length);

        SampleImage other = SampleImage.Of("three", "four");
        byte[] archive = other.DockerArchive();
        await Assert.ThrowsAnyAsync<BlobsException>(() => LoadStreamAsync(archive[..(archive.Length / 2)]));
        await Assert.ThrowsAnyAsync<BlobsException>(() => LoadStreamAsync(SampleImage.Of("three").With(
            System.Text.Encoding.UTF8.GetString(_sample.Config.Bytes.Span)).DockerArchive()));
        Assert.Equal(whole, Files());
    }

    [Fact]
    public async Task It_is_no_source_of_images()
    {
        await CopyAsync();
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageCopier.CopyAsync(ImagePlace.Parse($"erofs:{_folder["cache"]}"), ImagePlace.Parse($"oci:{_folder["oci"]}")));
        Assert.Equal(Fault.ReferenceSyntax, refused.Fault);
    }

    private async Task<TakenImage> CopyAsync(ErofsLayout layout = ErofsLayout.Plain, byte[]? archive = null, bool hasVerity = false)
    {
        await File.WriteAllBytesAsync(_folder["image.tar"], archive ?? _sample.DockerArchive());
        CopyResult copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker-archive:{_folder["image.tar"]}"),
            ImagePlace.Parse($"erofs:{_folder["cache"]}"),
            new CopyOptions { ErofsLayout = layout, HasErofsVerity = hasVerity });
        return copied.Image!;
    }

    private Task<IReadOnlyList<TakenImage>> LoadStreamAsync(byte[] archive) =>
        ImageLoader.LoadAsync(new MemoryStream(archive), "archive", ImagePlace.Parse($"erofs:{_folder["cache"]}"));

    private string[] Files() => Directory.Exists(_folder["cache"])
        ? Directory.GetFiles(_folder["cache"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        : [];

    private string ImageOf(byte[] layer)
    {
        string hex = Digest.OfSha256(layer).Hex;
        return _folder[$"cache/sha256/{hex[..2]}/{hex}.erofs"];
    }
}
