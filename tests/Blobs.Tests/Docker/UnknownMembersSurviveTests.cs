using System.Text;
using System.Text.Json.Nodes;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>Every verb that makes a config or a container of another keeps what we do not know of it.</summary>
public sealed class UnknownMembersSurviveTests
{
    private const string Check =
        "\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],\"StartInterval\":5000000000,\"Odd\":9007199254740993}";

    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    [Fact]
    public async Task Add_keeps_them()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Root.Needed();
        DockerRoot root = await LoadAsync(folder);
        string file = folder["file"];
        await File.WriteAllTextAsync(file, "x");
        Image image = await root.AddAsync("odd:1", [new AddedPath(file, "/file")]);
        Holds(image.Config.Bytes.Span);
    }

    [Fact]
    public async Task Create_commit_and_inspect_keep_them()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Root.Needed();
        DockerRoot root = await LoadAsync(folder);
        Container container = await root.CreateContainerAsync("odd:1");
        byte[] written = await File.ReadAllBytesAsync(Path.Combine(folder["root"], "containers", container.Id, "config.v2.json"));
        Holds(written, isImage: false);
        container = root.Containers.Find(container.Id);
        Holds(root.Inspect(container).Span, isImage: false);
        Holds(root.Inspect(root.Find("odd:1")).Span, isImage: false);
        Image image = await root.CommitAsync(container);
        Holds(image.Config.Bytes.Span);
    }

    [Fact]
    public async Task A_mount_keeps_every_member_of_a_containers_file_and_adds_those_it_lacks()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Root.Needed();
        DockerRoot root = await LoadAsync(folder);
        Container container = await root.CreateContainerAsync("odd:1");
        string file = Path.Combine(folder["root"], "containers", container.Id, "config.v2.json");
        string text = await File.ReadAllTextAsync(file);
        text = text.Replace("\"LogPath\":\"\",", "\"Later\":{ \"n\":9007199254740993,\"f\":1.50 },", StringComparison.Ordinal)
            .Replace("\"HostsPath\":\"\"", "\"hostspath\":\"\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text);

        await root.MountContainerAsync(container);
        await root.UnmountContainerAsync(container);

        string after = await File.ReadAllTextAsync(file);
        Assert.Contains("\"Later\":{ \"n\":9007199254740993,\"f\":1.50 },", after, StringComparison.Ordinal);
        JsonObject members = JsonNode.Parse(after)!.AsObject();
        Assert.EndsWith($"{container.Id}-json.log", (string)members["LogPath"]!, StringComparison.Ordinal);
        Assert.EndsWith("/hosts", (string)members["HostsPath"]!, StringComparison.Ordinal);
        Assert.False(members.ContainsKey("hostspath"));
    }

    [Fact]
    public async Task A_table_of_names_keeps_what_stands_beside_the_names()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder);
        string file = Path.Combine(folder["root"], "image", Driver, "repositories.json");
        string text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace("{\"Repositories\"", "{\"Later\":[1.50],\"Repositories\"", StringComparison.Ordinal));
        await root.TagAsync(root.Find("odd:1"), ImageReference.Parse("odd:2"));
        Assert.StartsWith("{\"Later\":[1.50],\"Repositories\":{\"odd\":{", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    private static void Holds(ReadOnlySpan<byte> json, bool isImage = true)
    {
        string text = Encoding.UTF8.GetString(json);
        Assert.Contains(Check, text, StringComparison.Ordinal);
        Assert.Contains("\"Later\":{ \"f\":1.50 },", text, StringComparison.Ordinal);
        Assert.Equal(isImage, text.StartsWith("{\"Odd\":18446744073709551616,", StringComparison.Ordinal));
    }

    private static async Task<DockerRoot> LoadAsync(TemporaryFolder folder)
    {
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = Driver });
        SampleImage image = SampleImage.Of("base");
        string config = Encoding.UTF8.GetString(image.Config.Bytes.Span)
            .Replace("{\"architecture\"", "{\"Odd\":18446744073709551616,\"architecture\"", StringComparison.Ordinal)
            .Replace("\"config\":{", $"\"config\":{{\"Later\":{{ \"f\":1.50 }},{Check},", StringComparison.Ordinal);
        using var archive = new MemoryStream(image.With(config).DockerArchive("odd:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        return root;
    }
}
