using System.Text;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Layers of the driver overlay share their files, and none notices what another does.</summary>
public sealed class OverlayDriverTests
{
    [Fact]
    public async Task A_file_that_stays_is_the_same_one_in_all_layers()
    {
        using var fixture = new StoreFixture("overlay");
        Layer lower = await fixture.AddAsync("f");
        Layer upper = await fixture.AddAsync("g", lower.ChainId);
        Assert.Equal(2u, LinkCount(fixture, lower, "f"));
        Assert.Equal(2u, LinkCount(fixture, upper, "f"));
        Assert.Equal(1u, LinkCount(fixture, upper, "g"));
    }

    [Theory]
    [InlineData("overlay2", "link")]
    [InlineData("overlay", "lower-id")]
    public async Task A_missing_file_of_the_driver_is_another_error_than_one_that_cannot_be_read(string driver, string name)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer layer = await fixture.AddAsync("f");
        ReadWriteLayer below = await fixture.Store.CreateReadWriteAsync("below", layer.ChainId);
        string id = driver == "overlay2" ? layer.CacheId : below.MountId;
        string file = fixture[$"{driver}/{id}/{name}"];
        Func<object?> read = driver == "overlay2"
            ? () => fixture.Store.Context.Driver.ShowsChanges(below.MountId, id)
            : () => fixture.Store.Context.Driver.Describe(id);
        Assert.NotNull(read());
        File.Delete(file);
        Assert.Equal($"{file}: there is no such file", Assert.Throws<StoreException>(read).Message);
        File.CreateSymbolicLink(file, name);
        Assert.Equal(file, Assert.Throws<SystemCallException>(read).Path);
    }

    [Fact]
    public async Task Replacing_and_hiding_leave_the_lower_layer_as_it_was()
    {
        using var fixture = new StoreFixture("overlay");
        Layer lower = await fixture.AddAsync(Archive.Of(
            Archive.Directory("d/"), Archive.File("d/hidden", "1"), Archive.File("replaced", "before"), Archive.File("gone", "3")));
        string[] before = TemporaryFolder.List(Tree(fixture, lower));
        Layer upper = await fixture.AddAsync(
            Archive.Of(
                Archive.File("replaced", "after"), Archive.File(".wh.gone", ""), Archive.File("d/.wh..wh..opq", ""), Archive.File("d/new", "n")),
            lower.ChainId);
        Assert.Equal(before, TemporaryFolder.List(Tree(fixture, lower)));
        Assert.Equal(["755 d", "644 d/new = n", "644 replaced = after"], TemporaryFolder.List(Tree(fixture, upper)));
    }

    [Fact]
    public async Task What_a_hard_link_says_of_its_file_is_not_said_of_the_lower_layers()
    {
        using var fixture = new StoreFixture("overlay");
        Layer lower = await fixture.AddAsync("f");
        string[] before = TemporaryFolder.List(Tree(fixture, lower));
        TarMember link = Archive.Link(TarEntryType.HardLink, "second", "f").Member with { Mode = 0b110_000_000 };
        Layer upper = await fixture.AddAsync(
            Archive.Of((link, []), (link with { Name = "third"u8.ToArray() }, [])), lower.ChainId);
        Assert.Equal(before, TemporaryFolder.List(Tree(fixture, lower)));
        Assert.Equal(
            ["600 f = content of f", "600 second = content of f", "600 third = content of f"], TemporaryFolder.List(Tree(fixture, upper)));
        Assert.Equal((1u, 3u), (LinkCount(fixture, lower, "f"), LinkCount(fixture, upper, "f")));
    }

    [Fact]
    public async Task A_file_that_can_have_no_more_names_is_copied()
    {
        using var fixture = new StoreFixture("overlay");
        Layer lower = await fixture.AddAsync(Archive.Of(Archive.File("f", "text"), Archive.Link(TarEntryType.HardLink, "g", "f")));
        string names = Directory.CreateDirectory(fixture["names"]).FullName;
        using (var source = DirectoryHandle.Open(Tree(fixture, lower)))
        {
            using var target = DirectoryHandle.Open(names);
            int errno = 0;
            for (int number = 0; errno == 0 && number < 70_000; number++)
            {
                errno = target.MakeLink(Encoding.ASCII.GetBytes($"{number}\0"), source, "f\0"u8);
            }
        }

        Layer upper = await fixture.AddAsync("other", lower.ChainId);
        Assert.Equal(["777 f = text", "777 g = text", "644 other = content of other"], TemporaryFolder.List(Tree(fixture, upper)));
        bool isLimited = LinkCount(fixture, lower, "f") < 70_000;
        Assert.Equal(isLimited ? 2u : LinkCount(fixture, lower, "f"), LinkCount(fixture, upper, "f"));
    }

    private static string Tree(StoreFixture fixture, Layer layer) => fixture.Store.Context.Driver.TreeOf(layer.CacheId);

    private static uint LinkCount(StoreFixture fixture, Layer layer, string name)
    {
        using var tree = DirectoryHandle.Open(Tree(fixture, layer));
        Assert.Equal(0, tree.TryGetStatus(Encoding.ASCII.GetBytes(name + "\0"), out FileStatus status));
        return status.LinkCount;
    }
}
