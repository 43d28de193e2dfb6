using Blobs.ContainersStorage;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.ContainersStorage;

/// <summary>Stores made and changed by us alone; tests/Blobs.Interop has podman's and skopeo's opinion.</summary>
public sealed class ContainersStoreTests : IDisposable
{
    private const string Name = "localhost/app:1";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public ContainersStoreTests() => Testing.Root.Needed();

    private string Root => _folder["store"];

    private ContainersStore Store => ContainersStore.Open(Root, new ContainersStoreOptions { Durability = Durability.None });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_comes_out_as_it_went_in()
    {
        SampleImage sample = SampleImage.Of("one", "two", "one");
        await LoadAsync(sample);
        StoredImage listed = Assert.Single(await Store.ListAsync());
        Assert.Equal((sample.Config.Id.Hex, Name), (listed.Id, Assert.Single(listed.Names)));
        foreach (string name in (string[])[Name, "app:1", listed.Id, listed.Id[..12], $"sha256:{listed.Id}", $"localhost/app@{listed.Digest}"])
        {
            ContainersImageSource image = await Store.OpenAsync(name);
            Assert.Equal(sample.Config.Bytes.ToArray(), image.Config.Bytes.ToArray());
            foreach ((byte[] tar, ImageLayer layer) in sample.Layers.Zip(image.Layers))
            {
                Assert.Equal(tar.Length, layer.GetLength());
                await using Stream stream = await layer.OpenAsync();
                var copy = new MemoryStream();
                await stream.CopyToAsync(copy);
                Assert.Equal(tar, copy.ToArray());
            }
        }
    }

    [Fact]
    public async Task A_name_moves_and_the_last_one_takes_the_image_along()
    {
        SampleImage first = SampleImage.Of("base", "one");
        SampleImage second = SampleImage.Of("base", "two");
        await LoadAsync(first);
        TakenImage taken = await LoadAsync(second);
        Assert.Equal((1, first.Config.Id), (taken.NewLayers, Assert.Single(taken.Renamed).Value));
        Assert.Equal([0, 1], (await Store.ListAsync()).Select(image => image.Names.Count));

        await Store.TagAsync(second.Config.Id.Hex, ImageReference.Parse("localhost/other"));
        await Assert.ThrowsAsync<StoreException>(() => Store.RemoveAsync(second.Config.Id.Hex));
        RemovedImage untagged = await Store.RemoveAsync(Name);
        Assert.Equal([Name], untagged.Names);
        Assert.Null(untagged.Id);
        RemovedImage removed = await Store.RemoveAsync("localhost/other");
        Assert.Equal((second.Config.Id.Hex, 1), (removed.Id, removed.Layers.Count));
        Assert.Equal(2, (await Store.RemoveAsync(first.Config.Id.Hex)).Layers.Count);
        AssertEmpty();
        await Assert.ThrowsAsync<NotFoundException>(() => Store.OpenAsync(Name));
    }

    [Fact]
    public async Task What_a_container_uses_stays()
    {
        SampleImage sample = SampleImage.Of("base");
        await LoadAsync(sample);
        foreach (string file in (string[])["containers.json", "volatile-containers.json"])
        {
            string path = _folder.Write($"store/overlay-containers/{file}", $$"""[{"id":"c","names":["web"],"image":"{{sample.Config.Id.Hex}}"}]""");
            StoreException fault = await Assert.ThrowsAsync<StoreException>(() => Store.RemoveAsync(Name));
            Assert.Contains("container web", fault.Message, StringComparison.Ordinal);
            File.Delete(path);
        }

        // A container's layer, on top of the image's, keeps that.
        string top = (await Store.ListAsync())[0].TopLayer!;
        string volatileLayers = _folder.Write("store/overlay-layers/volatile-layers.json", $$"""[{"id":"c","parent":"{{top}}"}]""");
        Assert.Empty((await Store.RemoveAsync(Name)).Layers);
        File.Delete(volatileLayers);
    }

    [Fact]
    public async Task What_dead_processes_left_is_removed_by_the_next_writer()
    {
        await LoadAsync(SampleImage.Of("base"));
        string before = Listing();

        // A layer that was being made, a tree and a recording that were being read, documents of an image without a record.
        const string Dead = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        string layers = File.ReadAllText(_folder["store/overlay-layers/layers.json"]);
        File.WriteAllText(
            _folder["store/overlay-layers/layers.json"], $$"""{{layers[..^1]}},{"id":"{{Dead}}","flags":{"incomplete": true } }]""");
        _folder.Write($"store/overlay/{Dead}/diff/file", "x");
        _folder.Write($"store/overlay/{Dead}/link", "ABC");
        File.CreateSymbolicLink(_folder["store/overlay/l/ABC"], $"../{Dead}/diff");
        _folder.Write($"store/overlay-layers/{Dead}.tar-split.gz", "x");
        _folder.Write("store/overlay-layers/.tmp-layers.json1", "x");
        _folder.Write("store/overlay/tempdirs/lock-1", "");
        _folder.Write("store/overlay/tempdirs/temp-dir-1/layer/diff/file", "x");
        _folder.Write("store/overlay-layers/tmp/lock-2", "");
        _folder.Write("store/overlay-layers/tmp/temp-dir-2/tar-split.gz", "x");
        _folder.Write($"store/overlay-images/{Dead}/manifest", "{}");

        await LoadAsync(SampleImage.Of("base", "two"));
        await Store.RemoveAsync(Name);
        await LoadAsync(SampleImage.Of("base"));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public async Task What_a_process_had_read_that_died_once_its_image_was_there_is_removed_by_the_next_writer()
    {
        await LoadAsync(SampleImage.Of("base"));
        string before = Listing();
        _folder.Write("store/overlay/tempdirs/lock-1", "");
        Directory.CreateDirectory(_folder["store/overlay/tempdirs/temp-dir-1"]);
        Directory.CreateDirectory(_folder["store/overlay-layers/tmp"]);

        // It has no layer to read.
        await LoadAsync(SampleImage.Of("base"));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public async Task A_layer_with_another_digest_leaves_nothing()
    {
        SampleImage sample = SampleImage.Of("base", "two");
        await LoadAsync(sample);
        string before = Listing();
        byte[] archive = SampleImage.Of("base", "three").DockerArchive(Name);
        int at = archive.AsSpan().LastIndexOf("three"u8);
        archive[at] = (byte)'X';
        File.WriteAllBytes(_folder["bad.tar"], archive);
        await Assert.ThrowsAnyAsync<BlobsException>(() => CopyAsync("bad.tar"));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public async Task Ids_that_lead_elsewhere_are_refused()
    {
        await LoadAsync(SampleImage.Of("base"));
        string path = _folder["store/overlay-images/images.json"];
        string images = File.ReadAllText(path);
        string id = (await Store.ListAsync())[0].Id;
        File.WriteAllText(path, images.Replace($"\"id\":\"{id}\"", "\"id\":\"../../x\"", StringComparison.Ordinal));
        await Assert.ThrowsAsync<StoreException>(() => Store.OpenAsync(Name));
        await Assert.ThrowsAsync<StoreException>(() => Store.RemoveAsync(Name));
    }

    [Theory]
    [InlineData("overlay", "true")]
    [InlineData("vfs", null)]
    public async Task Stores_of_other_forms_are_not_written(string driver, string? mountProgram)
    {
        _folder.Write($"store/{driver}-images/images.json", "[]");
        if (mountProgram is not null)
        {
            _folder.Write("store/overlay/.has-mount-program", mountProgram);
        }

        string before = Listing();
        await Assert.ThrowsAsync<StoreException>(() => LoadAsync(SampleImage.Of("base")));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public async Task Somebody_who_holds_a_lock_is_waited_for()
    {
        await LoadAsync(SampleImage.Of("base"));
        Assert.Equal(Errno.None, RecordLock.TryTake(
            _folder["store/overlay-images/images.lock"], isExclusive: true, newMode: null, out RecordLock? held));
        ContainersStore impatient = ContainersStore.Open(Root, new ContainersStoreOptions { LockWait = TimeSpan.Zero });
        await Assert.ThrowsAsync<RootBusyException>(() => impatient.ListAsync());
        Task<IReadOnlyList<StoredImage>> patient = Store.ListAsync();
        held!.Dispose();
        Assert.Single(await patient);
    }

    private async Task<TakenImage> LoadAsync(SampleImage sample)
    {
        await File.WriteAllBytesAsync(_folder["image.tar"], sample.DockerArchive(Name));
        return (await CopyAsync("image.tar")).Image!;
    }

    private Task<CopyResult> CopyAsync(string archive) => ImageCopier.CopyAsync(
        ImagePlace.Parse($"docker-archive:{_folder[archive]}"),
        ImagePlace.Parse($"containers-storage:{Root}//{Name}"),
        new CopyOptions { Durability = Durability.None });

    private void AssertEmpty() => Assert.DoesNotContain(
        Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Select(Path.GetFileName),
        name => name!.Length >= 64 || name.StartsWith("temp", StringComparison.Ordinal));

    // Without the names that are random, and without the links, which are.
    private string Listing() => string.Join('\n', Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path))
        .Where(path => !path.StartsWith("overlay/l/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Append($"{Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Count()}"));
}
