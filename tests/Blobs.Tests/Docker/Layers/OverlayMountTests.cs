using Blobs.Docker.Layers;
using Blobs.Errors;

namespace Blobs.Tests.Docker.Layers;

/// <summary>The text that the kernel gets, as dockerd 20.10 writes it: whole paths as long as they fit into a page.</summary>
public sealed class OverlayMountTests
{
    private const int PageBytes = 4096;
    private const string Prefix = "index=off,";

    [Fact]
    public void A_read_write_mount_names_its_layers_the_nearest_first()
    {
        OverlayMount mount = Mount(2) with { Home = "/var/lib/docker/overlay2" };
        string options = mount.OptionsFor(PageBytes, Prefix, out bool isRelative);
        Assert.False(isRelative);
        Assert.Equal(
            $"index=off,lowerdir=/var/lib/docker/overlay2/{Lower(0)}:/var/lib/docker/overlay2/{Lower(1)},"
            + $"upperdir=/var/lib/docker/overlay2/{Id}/diff,workdir=/var/lib/docker/overlay2/{Id}/work",
            options);
        Assert.Equal($"/var/lib/docker/overlay2/{Id}/merged", mount.Target);
    }

    [Fact]
    public void A_mount_without_upper_directory_is_all_lower_ones() =>
        Assert.Equal(
            $"lowerdir=/h/{Lower(0)}:/h/{Lower(1)}",
            (Mount(2) with { Home = "/h", Upper = null, Work = null }).OptionsFor(PageBytes, "", out _));

    [Theory]
    [InlineData(1, false)]
    [InlineData(40, false)]
    [InlineData(71, false)]
    [InlineData(72, true)]
    [InlineData(120, true)]
    [InlineData(127, true)]
    public void In_the_default_root_whole_paths_fit_for_71_layers(int count, bool expected)
    {
        string options = Mount(count).OptionsFor(PageBytes, Prefix, out bool isRelative);
        Assert.Equal(expected, isRelative);
        Assert.Equal(expected ? 0 : count, options.Split("/var/lib/docker/overlay2/l/").Length - 1);
        Assert.InRange(options.Length, 1, PageBytes - 1);
    }

    [Fact]
    public void The_last_byte_of_the_page_is_for_the_terminator()
    {
        int length = Mount(10).OptionsFor(PageBytes, Prefix, out _).Length;
        Mount(10).OptionsFor(length + 1, Prefix, out bool fits);
        Mount(10).OptionsFor(length, Prefix, out bool isRelative);
        Assert.Equal((false, true), (fits, isRelative));
    }

    [Theory]
    [InlineData("/srv/a:b/overlay2")]
    [InlineData("/srv/a,b/overlay2")]
    [InlineData(@"/srv/a\b/overlay2")]
    public void A_home_with_separators_in_its_name_is_never_named(string home)
    {
        string options = (Mount(1) with { Home = home }).OptionsFor(PageBytes, "", out bool isRelative);
        Assert.True(isRelative);
        Assert.Equal($"lowerdir={Lower(0)},upperdir={Id}/diff,workdir={Id}/work", options);
    }

    [Fact]
    public void A_name_in_a_damaged_store_adds_no_options() =>
        Assert.Throws<StoreException>(() => (Mount(1) with { Lowers = ["l/x,upperdir=/etc"] }).OptionsFor(PageBytes, Prefix, out _));

    [Fact]
    public void What_does_not_fit_either_way_is_refused()
    {
        StoreException refused = Assert.Throws<StoreException>(() => Mount(150).OptionsFor(PageBytes, Prefix, out _));
        Assert.Contains("150 layers", refused.Message, StringComparison.Ordinal);
    }

    private static string Id { get; } = new('c', 64);

    private static string Lower(int number) => $"l/{number:d26}";

    private static OverlayMount Mount(int count) => new()
    {
        Home = "/var/lib/docker/overlay2",
        Lowers = [.. Enumerable.Range(0, count).Select(Lower)],
        Upper = $"{Id}/diff",
        Work = $"{Id}/work",
        Merged = $"{Id}/merged",
    };
}
