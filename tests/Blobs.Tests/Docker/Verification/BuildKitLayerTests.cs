using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Docker.Verification;

/// <summary>Layers whose directories have names of BuildKit or of an old Docker.</summary>
[SupportedOSPlatform("linux")]
public sealed class BuildKitLayerTests
{
    public static TheoryData<string, string> Names => new()
    {
        { "overlay2", "0f3rqzr8v7jyh5mv6v2u4kqsd" }, { "vfs", "zwq1c4t0ktc8m0l5c4wl2s9xk" }, { "overlay", "zwq1c4t0ktc8m0l5c4wl2s9xk" },
        { "overlay2", "0123456789abcdef0123456789abcdef" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task They_are_right_until_a_byte_of_them_changes(string driver, string name)
    {
        using var fixture = new StoreFixture(driver);
        Layer layer = await fixture.AddAsync("file");
        Rename(fixture, layer, name);
        VerifyReport clean = await RootVerifier.RunAsync(fixture.Root);
        Assert.Empty(clean.Findings);
        Assert.Equal(name, fixture.Store.TryGet(layer.ChainId)!.CacheId);

        string file = Path.Combine(fixture.Store.Context.Driver.TreeOf(name), "file");
        byte[] content = await File.ReadAllBytesAsync(file);
        content[3] ^= 1;
        await File.WriteAllBytesAsync(file, content);
        Assert.Contains((await RootVerifier.RunAsync(fixture.Root)).Findings, finding => finding.Path == Path.GetRelativePath(fixture.Root, file));
    }

    [Theory]
    [InlineData("0f3rqzr8v7jyh5mv6v2u4kqsd", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    public async Task A_tree_that_a_step_wrote_has_finer_times_than_its_tar(string name, bool isRight)
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("file");
        Rename(fixture, layer, name);
        string file = Path.Combine(fixture.Store.Context.Driver.TreeOf(name), "file");
        DateTime time = File.GetLastWriteTimeUtc(file);
        File.SetLastWriteTimeUtc(file, time.AddMilliseconds(455));
        Assert.Equal(isRight, (await RootVerifier.RunAsync(fixture.Root)).Findings.Count == 0);

        File.SetLastWriteTimeUtc(file, time.AddSeconds(1));
        Assert.NotEmpty((await RootVerifier.RunAsync(fixture.Root)).Findings);
    }

    [Theory]
    [InlineData("0f3rqzr8v7jyh5mv6v2u4kqs")]
    [InlineData("0f3rqzr8v7jyh5mv6v2u4kqsD")]
    [InlineData("0f3rqzr8v7jyh5mv6v2u4kq.d")]
    [InlineData("0123456789abcdef0123456789abcdez")]
    public async Task Other_names_are_wrong(string name)
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("file");
        Rename(fixture, layer, name);
        Assert.Contains((await RootVerifier.RunAsync(fixture.Root)).Findings, finding => finding.Path.EndsWith("/cache-id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_read_write_layer_with_such_a_name_holds_its_parent()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("file");
        string mount = Path.Combine(fixture.Mounts, "x4l0dkjmwrmk8s4nlfphoc1lw");
        Directory.CreateDirectory(mount);
        await File.WriteAllTextAsync(RootPaths.MountIdFile(mount), "0f3rqzr8v7jyh5mv6v2u4kqsd");
        await File.WriteAllTextAsync(RootPaths.ParentFile(mount), $"{layer.ChainId}");
        Assert.Empty(await fixture.Store.RemoveUnreferencedAsync(new HashSet<Blobs.Hashing.ChainId>()));
        Assert.Single(fixture.Store.Layers());
    }

    private static void Rename(StoreFixture fixture, Layer layer, string name)
    {
        Directory.Move(Path.Combine(fixture.Driver, layer.CacheId), Path.Combine(fixture.Driver, name));
        File.WriteAllText(RootPaths.CacheIdFile(Path.Combine(fixture.Layers, layer.ChainId.Hex)), name);
        if (fixture.DriverName == "overlay2")
        {
            string link = Directory.GetFileSystemEntries(fixture["overlay2/l"]).Single();
            File.Delete(link);
            File.CreateSymbolicLink(link, RootPaths.Overlay2LinkTarget(name));
        }
    }
}
