using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker.Containers;

/// <summary>A damaged container or image is not reported as missing.</summary>
public sealed class ContainerStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public async Task A_damaged_container_is_said_to_be_damaged(string content)
    {
        DockerRoot root = await RootAsync();
        Container container = await root.CreateContainerAsync("sample:1");
        string file = _folder[$"root/containers/{container.Id}/config.v2.json"];
        File.WriteAllText(file, content);
        StoreException fault = Assert.Throws<StoreException>(() => root.Containers.Find(container.Id[..12]));
        Assert.StartsWith($"{file}: the container is damaged", fault.Message, StringComparison.Ordinal);
        Assert.Throws<NotFoundException>(() => root.Containers.Find("other"));
    }

    [Theory]
    [InlineData("sample:1")]
    [InlineData("id")]
    public async Task A_damaged_image_is_said_to_be_damaged(string name)
    {
        DockerRoot root = await RootAsync();
        string id = root.Find("sample:1").Id.Hex;
        string file = _folder[$"root/image/vfs/imagedb/content/sha256/{id}"];
        File.WriteAllText(file, "{");
        StoreException fault = Assert.Throws<StoreException>(() => root.Find(name == "id" ? id[..12] : name));
        Assert.Contains($"image sha256:{id} is damaged", fault.Message, StringComparison.Ordinal);
        Assert.Null(root.TryFind(name));

        File.Delete(file);
        Assert.Throws<NotFoundException>(() => root.Find("sample:1"));
    }

    private async Task<DockerRoot> RootAsync()
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        await ImageLoader.LoadAsync(new MemoryStream(SampleImage.Of("one").DockerArchive()), "archive", root);
        return root;
    }
}
