using System.Text.Json;
using System.Text.Json.Nodes;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>What inspect says of a container's mounts and health, as dockerd 20.10 said it of the same files.</summary>
public sealed class InspectContainerTests
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    [Fact]
    public async Task Mounts_are_those_of_the_containers_file_in_the_order_of_their_places()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        JsonElement inspected = await InspectAsync(folder, json => json["MountPoints"] = JsonNode.Parse(
            """
            {
              "/tmpf": {"Source":"","Destination":"/tmpf","RW":true,"Name":"","Driver":"","Type":"tmpfs","Spec":{"Type":"tmpfs","Target":"/tmpf"}},
              "/bind": {"Source":"/src","Destination":"/bind","RW":false,"Name":"","Driver":"","Type":"bind","Relabel":"ro,z","Propagation":"rprivate"},
              "/anon": {"Source":"","Destination":"/anon","RW":true,"Name":"0bd3","Driver":"local","Type":"volume","Spec":{}},
              "/null": null
            }
            """));
        Assert.Equal(
            $$"""
            [{"Type":"volume","Name":"0bd3","Source":"{{folder["root"]}}/volumes/0bd3/_data","Destination":"/anon","Driver":"local","Mode":"","RW":true,"Propagation":""},
            {"Type":"bind","Source":"/src","Destination":"/bind","Mode":"ro,z","RW":false,"Propagation":"rprivate"},
            {"Source":"","Destination":"/null","Mode":"","RW":false,"Propagation":""},
            {"Type":"tmpfs","Source":"","Destination":"/tmpf","Mode":"","RW":true,"Propagation":""}]
            """.ReplaceLineEndings(""),
            inspected.GetProperty("Mounts").GetRawText());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task A_container_without_mounts_has_an_empty_list(string points)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        JsonElement inspected = await InspectAsync(folder, json => json["MountPoints"] = JsonNode.Parse(points));
        Assert.Equal("[]", inspected.GetProperty("Mounts").GetRawText());
    }

    [Theory]
    [InlineData(
        """{"Status":"healthy","FailingStreak":0,"Log":[{"Start":"2026-11-29T15:21:55.880298025Z","End":"2026-11-29T15:21:56Z","ExitCode":0,"Output":"ok"}]}""",
        """{"Status":"healthy","FailingStreak":0,"Log":[{"Start":"2026-11-29T15:21:55.880298025Z","End":"2026-11-29T15:21:56Z","ExitCode":0,"Output":"ok"}]}""")]
    [InlineData("""{"Status":"","FailingStreak":3,"Log":null}""", """{"Status":"unhealthy","FailingStreak":3,"Log":[]}""")]
    [InlineData("{}", """{"Status":"unhealthy","FailingStreak":0,"Log":[]}""")]
    public async Task Health_is_that_of_the_containers_file_behind_the_rest_of_its_state(string file, string shown)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        JsonElement inspected = await InspectAsync(folder, json => json["State"]!["Health"] = JsonNode.Parse(file));
        JsonProperty last = inspected.GetProperty("State").EnumerateObject().Last();
        Assert.Equal("Health", last.Name);
        Assert.Equal(shown, last.Value.GetRawText());
    }

    [Fact]
    public async Task A_container_without_a_check_has_no_health()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        JsonElement inspected = await InspectAsync(folder, json => json["State"]!["Health"] = null);
        Assert.False(inspected.GetProperty("State").TryGetProperty("Health", out _));
    }

    private static async Task<JsonElement> InspectAsync(TemporaryFolder folder, Action<JsonNode> change)
    {
        Testing.Root.Needed();
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = Driver });
        using var archive = new MemoryStream(SampleImage.Of("one").DockerArchive());
        await ImageLoader.LoadAsync(archive, "archive", root);
        Container container = await root.CreateContainerAsync("sample:1");
        string file = folder[$"root/containers/{container.Id}/config.v2.json"];
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        change(json);
        await File.WriteAllTextAsync(file, json.ToJsonString());
        return JsonDocument.Parse(root.Inspect(root.Containers.Find(container.Id))).RootElement;
    }
}
