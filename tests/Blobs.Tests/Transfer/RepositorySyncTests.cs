using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Many tags of a repository.</summary>
[SupportedOSPlatform("linux")]
public sealed class RepositorySyncTests : IDisposable
{
    private static readonly ImagePlace From = ImagePlace.Parse("docker://registry.example/app");
    private static readonly ImagePlace To = ImagePlace.Parse("docker://mirror.example/team/app");

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly MemoryRegistry _registry = new(listsReferrers: false);
    private readonly RegistryClient _client;
    private readonly IndexedLayout _layout;

    public RepositorySyncTests()
    {
        _client = _registry.Client();
        _layout = new IndexedLayout(_folder["layout"]);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Tags_that_match_are_copied_once()
    {
        await PutAsync("v1", "v2", "main");
        Assert.Equal(["v1 New", "v2 New"], await SyncAsync(To, ["v*"]));
        Assert.Equal(_registry.Tags("registry.example/app")["v1"], _registry.Tags("mirror.example/team/app")["v1"]);
        _registry.Writes.Clear();
        Assert.Equal(["v1 Unchanged", "v2 Unchanged"], await SyncAsync(To, ["v?"]));
        Assert.Empty(_registry.Writes);
        Assert.Equal(["main New", "v1 Unchanged", "v2 Unchanged"], await SyncAsync(To, []));
        Assert.Empty(await SyncAsync(To, ["nothing"]));
    }

    [Fact]
    public async Task A_tag_that_moved_is_updated()
    {
        await PutAsync("v1");
        await SyncAsync(To, []);
        await ImageCopier.CopyAsync(
            Layout(), From with { Name = "registry.example/app:v1" },
            new CopyOptions { Client = _client, Platform = _layout.Images[1].Platform });
        Assert.Equal(["v1 Updated"], await SyncAsync(To, [], isDryRun: true));
        Assert.Equal(["v1 Updated"], await SyncAsync(To, []));
        Assert.Equal($"{_layout.Images[1].Digest}", _registry.Tags("mirror.example/team/app")["v1"]);
    }

    [Fact]
    public async Task A_dry_run_copies_nothing()
    {
        await PutAsync("v1");
        _registry.Writes.Clear();
        Assert.Equal(["v1 New"], await SyncAsync(To, [], isDryRun: true));
        Assert.Empty(_registry.Writes);
    }

    [Fact]
    public async Task A_tag_that_fails_does_not_stop_the_others()
    {
        await PutAsync("v1", "v2");
        _registry.Lose("registry.example/app", _layout.Images[0].Digest);
        await ImageCopier.CopyAsync(
            Layout(), From with { Name = "registry.example/app:v3" },
            new CopyOptions { Client = _client, Platform = _layout.Images[1].Platform });
        Assert.Equal(["v1 Failed", "v2 Failed", "v3 New"], await SyncAsync(To, []));
        Assert.Equal(["v3"], _registry.Tags("mirror.example/team/app").Keys);
    }

    [Fact]
    public async Task A_layout_takes_tags_and_gives_them_back()
    {
        await PutAsync("v1", "v2");
        ImagePlace layout = ImagePlace.Parse($"oci:{_folder["mirror"]}");
        Assert.Equal(["v1 New", "v2 New"], await SyncAsync(layout, [], withReferrers: true));
        Assert.Equal(["v1 Unchanged", "v2 Unchanged"], await SyncAsync(layout, []));
        Assert.Equal(_layout.Digests, IndexedLayout.DigestsIn(_folder["mirror"]));
        IReadOnlyList<SyncedTag> back = await RepositorySync.RunAsync(
            layout, To, [], options: new CopyOptions { Client = _client, WithReferrers = true });
        Assert.Equal(["v1", "v2"], back.Select(tag => tag.Tag));
        Assert.Superset(
            _layout.Digests.ToHashSet(),
            _registry.Manifests("mirror.example/team/app").Concat(_registry.Blobs("mirror.example/team/app")).ToHashSet());
    }

    private ImagePlace Layout() => ImagePlace.Parse($"oci:{_folder["layout"]}:1");

    private async Task PutAsync(params string[] tags)
    {
        foreach (string tag in tags)
        {
            await ImageCopier.CopyAsync(
                Layout(), From with { Name = $"registry.example/app:{tag}" }, new CopyOptions { Client = _client, WithReferrers = true });
        }
    }

    private async Task<string[]> SyncAsync(ImagePlace target, string[] tags, bool isDryRun = false, bool withReferrers = false)
    {
        IReadOnlyList<SyncedTag> synced = await RepositorySync.RunAsync(
            From, target, tags, isDryRun, new CopyOptions { Client = _client, WithReferrers = withReferrers });
        return [.. synced.Select(tag => $"{tag.Tag} {tag.State}")];
    }
}
