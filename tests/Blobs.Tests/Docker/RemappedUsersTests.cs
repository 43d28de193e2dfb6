using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Tests.Docker;

/// <summary>A root of a daemon that remaps users: <c>ROOT/UID.GID</c>, where every id of a layer is shifted.</summary>
public sealed class RemappedUsersTests
{
    private const uint First = 1_700_000_000;

    [Fact]
    public async Task What_is_above_such_a_root_says_where_it_is()
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        string inner = Make(folder);
        Directory.CreateDirectory(Path.Combine(inner, "image", "overlay2"));

        StoreException opened = Assert.Throws<StoreException>(() => DockerRoot.Open(folder["root"]));
        Assert.EndsWith($"keeps its images in {inner}: give that as the root", opened.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => RootVerifier.RunAsync(folder["root"]));
        Assert.Equal(inner, DockerRoot.Open(inner).Path);
    }

    [Fact]
    public async Task A_root_that_is_only_called_so_is_like_any_other()
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        string dated = Path.Combine(folder["root"], "2026.11");
        DockerRoot root = DockerRoot.Open(dated, new DockerRootOptions { Driver = "vfs" });
        using var archive = new MemoryStream(SampleImage.From([Base()]).DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        string tree = root.Layers.Context.Driver.TreeOf(root.Layers.Layers().Single().CacheId);
        Assert.Equal((1000u, 7u), OwnerOf(Path.Combine(tree, "dir", "file")));
        Assert.Equal(folder["root"], DockerRoot.Open(folder["root"]).Path);
    }

    [Fact]
    public void A_root_that_has_images_of_its_own_is_one_beside_such_a_root_too()
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        Directory.CreateDirectory(Path.Combine(Make(folder), "image"));
        Directory.CreateDirectory(Path.Combine(folder["root"], "image"));
        Assert.Equal(folder["root"], DockerRoot.Open(folder["root"]).Path);
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Owners_of_layers_are_shifted_on_the_way_in_and_back_on_the_way_out(string driver)
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, driver);
        Layer layer = root.Layers.Layers().Single();
        string tree = root.Layers.Context.Driver.TreeOf(layer.CacheId);
        Assert.Equal((First, First), OwnerOf(tree));
        Assert.Equal((First + 1000, First + 7), OwnerOf(Path.Combine(tree, "dir", "file")));
        Assert.Equal((First, First), OwnerOf(Path.Combine(tree, "dir")));

        VerifyReport report = await RootVerifier.RunAsync(root.Path);
        Assert.Empty(report.Findings);

        using var tar = new MemoryStream();
        await root.Layers.ExportAsync(layer.ChainId, tar);
        Assert.Equal(Base(), tar.ToArray());
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_containers_files_are_its_roots_and_a_commit_has_the_layers_owners(string driver)
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, driver);
        Container container = await root.CreateContainerAsync("sample:1", new ContainerOptions { WorkingDir = "/work/here" });
        string tree = await root.MountContainerAsync(container);
        Assert.Equal((First, First), OwnerOf(Path.Combine(tree, "etc", "hosts")));
        Assert.Equal((0u, 0u), OwnerOf(Path.Combine(tree, "etc", "mtab")));
        Assert.Equal((First, First), OwnerOf(Path.Combine(tree, "work", "here")));
        Assert.Equal((First + 1000, First + 7), OwnerOf(Path.Combine(tree, "dir", "file")));
        string files = Path.Combine(root.Path, "containers", container.Id);
        Assert.Equal((0u, First), OwnerOf(files));
        Assert.Equal((0u, First), OwnerOf(Path.Combine(files, "mounts")));
        Assert.Equal((First, First), OwnerOf(Path.Combine(files, "hostname")));
        Assert.Equal((0u, 0u), OwnerOf(Path.Combine(files, "config.v2.json")));
        string own = root.Layers.Context.Driver.TreeOf(root.Layers.TryGetReadWrite(container.Id)!.MountId);
        Assert.Equal((First, First), OwnerOf(own));
        Assert.Equal((0u, First), OwnerOf(driver == "vfs" ? Path.GetDirectoryName(own)! : Path.Combine(own, "..")));

        string made = Path.Combine(tree, "made");
        await File.WriteAllTextAsync(made, "x");
        SetOwner(made, First + 33, First + 34);
        await root.UnmountContainerAsync(container);
        Image image = await root.CommitAsync(container);

        ChainId top = image.Config.ChainIds[^1];
        using var tar = new MemoryStream();
        await root.Layers.ExportAsync(top, tar);
        List<string> entries = EntryCollector.Read(tar.ToArray()).Entries;
        Assert.Contains(entries, entry => entry.StartsWith("0 made mode", StringComparison.Ordinal) && entry.Contains(" 33:34 ", StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.StartsWith("5 work/ mode", StringComparison.Ordinal) && entry.Contains(" 0:0 ", StringComparison.Ordinal));
        Assert.Empty((await RootVerifier.RunAsync(root.Path)).Findings);
    }

    [Fact]
    public async Task What_is_added_belongs_to_the_containers_root()
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, "overlay2");
        await File.WriteAllTextAsync(folder["file"], "x");
        Image image = await root.AddAsync("sample:1", [new AddedPath(folder["file"], "/new/file")]);
        string tree = root.Layers.Context.Driver.TreeOf(root.Layers.TryGet(image.Config.ChainIds[^1])!.CacheId);
        Assert.Equal((First, First), OwnerOf(Path.Combine(tree, "new", "file")));
        Assert.Equal((First, First), OwnerOf(Path.Combine(tree, "new")));
    }

    [Fact]
    public async Task A_layer_whose_owner_is_nobody_here_is_refused()
    {
        Root.Needed();
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = Open(folder, "vfs");
        using var layer = new MemoryStream(Archive.Of((Archive.File("far", "x").Member with { Uid = 70000 }, "x"u8.ToArray())));
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(() => root.Layers.IngestAsync(layer));
        Assert.Equal(Fault.EntryOwner, refused.Fault);
        Assert.Contains("'far' belongs to user 70000", refused.Message, StringComparison.Ordinal);
    }

    private static DockerRoot Open(TemporaryFolder folder, string driver) =>
        DockerRoot.Open(Make(folder), new DockerRootOptions { Driver = driver });

    // As the engine leaves it: its own, and open to the group of the containers' root.
    private static string Make(TemporaryFolder folder)
    {
        string root = Path.Combine(folder["root"], $"{First}.{First}");
        Directory.CreateDirectory(root);
        SetOwner(root, 0, First);
        return root;
    }

    private static async Task<DockerRoot> LoadAsync(TemporaryFolder folder, string driver)
    {
        DockerRoot root = Open(folder, driver);
        using var archive = new MemoryStream(SampleImage.From([Base()]).DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        return root;
    }

    // The directory is implied by the file.
    private static byte[] Base() =>
        Archive.Of((Archive.File("dir/file", "x").Member with { Uid = 1000, Gid = 7 }, "x"u8.ToArray()));

    private static (uint User, uint Group) OwnerOf(string path)
    {
        using DirectoryHandle parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        byte[] nameZ = FilePath.Terminated(Path.GetFileName(path));
        Assert.Equal(Errno.None, parent.TryGetStatus(nameZ, out FileStatus status));
        return (status.User, status.Group);
    }

    private static void SetOwner(string path, uint user, uint group)
    {
        using DirectoryHandle parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        Assert.Equal(Errno.None, parent.SetOwner(FilePath.Terminated(Path.GetFileName(path)), user, group));
    }
}
