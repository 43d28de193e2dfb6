using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker.Images;

public sealed class ImageStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    private DockerRoot Root => DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });

    [Fact]
    public async Task An_image_is_kept_byte_for_byte_under_its_id()
    {
        SampleImage sample = await LoadAsync(SampleImage.Of("one", "two"));
        string file = _folder[$"root/image/vfs/imagedb/content/sha256/{sample.Config.Id.Hex}"];
        Assert.Equal(sample.Config.Bytes.ToArray(), await File.ReadAllBytesAsync(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(sample.Config.Id, Root.Find("sample:1").Id);
    }

    [Fact]
    public async Task A_config_that_is_not_what_its_name_says_is_no_image()
    {
        SampleImage sample = await LoadAsync(SampleImage.Of("one"));
        await File.AppendAllTextAsync(_folder[$"root/image/vfs/imagedb/content/sha256/{sample.Config.Id.Hex}"], " ");
        Assert.Empty(Root.Images.Images());
        Assert.Throws<StoreException>(() => Root.Find("sample:1"));
    }

    [Fact]
    public async Task An_image_without_one_of_its_layers_is_no_image()
    {
        SampleImage sample = await LoadAsync(SampleImage.Of("one", "two"));
        Directory.Delete(_folder[$"root/image/vfs/layerdb/sha256/{sample.Config.ChainIds[0].Hex}"], recursive: true);
        Assert.Empty(Root.Images.Images());
    }

    [Fact]
    public void An_image_whose_layers_are_not_there_is_refused()
    {
        StoreException fault = Assert.Throws<StoreException>(() => Root.Images.Add(SampleImage.Of("one").Config));
        Assert.Contains("which is not there", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Listing());
    }

    [Fact]
    public async Task An_id_is_found_by_a_start_that_no_other_has()
    {
        SampleImage[] samples = [.. Enumerable.Range(0, 40).Select(i => SampleImage.Of($"{i}"))];
        foreach (SampleImage sample in samples)
        {
            await LoadAsync(sample, tag: null);
        }

        Digest id = samples[7].Config.Id;
        Assert.Equal(id, Root.Find(id.Hex[..12]).Id);
        Assert.Equal(id, Root.Find($"sha256:{id.Hex[..12]}").Id);
        Assert.Equal(id, Root.Find($"{id}").Id);
        Assert.Equal(id, Root.Find(id.Hex).Id);

        // Forty ids begin with sixteen digits.
        string shared = samples.GroupBy(sample => sample.Config.Id.Hex[..1]).First(group => group.Count() > 1).Key;
        StoreException fault = Assert.Throws<StoreException>(() => Root.Find(shared));
        Assert.Contains("is the start of", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_wins_over_an_id_that_begins_so()
    {
        SampleImage first = await LoadAsync(SampleImage.Of("one"), tag: null);
        SampleImage second = await LoadAsync(SampleImage.Of("two"), tag: $"{first.Config.Id.Hex[..6]}:latest");
        Assert.Equal(second.Config.Id, Root.Find(first.Config.Id.Hex[..6]).Id);
    }

    [Fact]
    public async Task A_tag_leaves_the_time_and_a_load_does_not()
    {
        await LoadAsync(SampleImage.Of("one"));
        DockerRoot root = Root;
        Assert.Null(root.Find("sample:1").LastUpdated);
        await root.TagAsync(root.Find("sample:1"), ImageReference.Parse("other"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)$", root.Find("other").LastUpdated);
        Assert.Equal(["other:latest", "sample:1"], root.Names.Read().All.Select(item => item.Key.Familiar));
    }

    [Fact]
    public async Task A_repository_cannot_be_called_like_an_algorithm()
    {
        await LoadAsync(SampleImage.Of("one"));
        DockerRoot root = Root;
        await Assert.ThrowsAsync<StoreException>(() => root.TagAsync(root.Find("sample:1"), ImageReference.Parse("sha256:1")));
    }

    [Fact]
    public async Task Children_have_no_parent_when_it_goes()
    {
        SampleImage parent = await LoadAsync(SampleImage.Of("one"), tag: null);
        SampleImage child = await LoadAsync(SampleImage.Of("one", "two"), tag: null);
        DockerRoot root = Root;
        root.Images.SetParent(child.Config.Id, parent.Config.Id);
        Assert.Equal([child.Config.Id], root.Images.ChildrenOf(parent.Config.Id).Select(image => image.Id));
        Assert.Equal(
            $"{parent.Config.Id}",
            await File.ReadAllTextAsync(_folder[$"root/image/vfs/imagedb/metadata/sha256/{child.Config.Id.Hex}/parent"]));
        root.Images.Remove(parent.Config.Id);
        Assert.Null(root.Images.TryGet(child.Config.Id)!.Parent);
    }

    [Fact]
    public async Task Temporary_files_of_dead_processes_are_swept_by_the_next_writer()
    {
        SampleImage sample = await LoadAsync(SampleImage.Of("one"));
        string[] before = _folder.Listing();
        File.WriteAllText(_folder["root/image/vfs/.tmp-repositories.json123"], "{");
        File.WriteAllText(_folder["root/image/vfs/imagedb/content/sha256/.tmp-abc123"], "{");
        string hidden = Directory.CreateDirectory(_folder[$"root/tmp/.tmp-{sample.Config.Id.Hex}"]).FullName;
        Assert.Single(Root.Images.Images());
        await LoadAsync(sample);
        Assert.False(Directory.Exists(hidden));
        Assert.Equal(before, _folder.Listing().Except(["root/tmp"]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<SampleImage> LoadAsync(SampleImage sample, string? tag = "sample:1")
    {
        using var archive = new MemoryStream(sample.DockerArchive(tag));
        await ImageLoader.LoadAsync(archive, "archive", Root);
        return sample;
    }
}
