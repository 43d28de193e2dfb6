using Blobs.Files;

namespace Blobs.Tests.Files;

/// <summary>Ids of a data root whose users are remapped.</summary>
public sealed class OwnerMapTests
{
    [Theory]
    [InlineData("100000.100000", true)]
    [InlineData("165536.231072", true)]
    [InlineData("0.0", false)]
    [InlineData("100000", false)]
    [InlineData("100000.x", false)]
    [InlineData("1.2.3", false)]
    [InlineData("-1.-1", false)]
    [InlineData("99999999999.1", false)]
    [InlineData("overlay2", false)]
    public void A_remapped_root_is_named_after_its_root_user_and_group(string name, bool isRemapped) =>
        Assert.Equal(isRemapped, OwnerMap.IsName(name));

    [Fact]
    public void Ranges_of_ids_come_from_the_machine()
    {
        var map = OwnerMap.From(100000, 200000, "other:1:5\nmapped:100000:10\n", "mapped:200000:20\n");
        Assert.Equal(100000u, map.HostUser(0));
        Assert.Equal(100009u, map.HostUser(9));
        Assert.Null(map.HostUser(10));
        Assert.Null(map.HostUser(-1));
        Assert.Equal(200019u, map.HostGroup(19));
        Assert.Null(map.HostGroup(20));
        Assert.Equal(9u, map.LayerUser(100009));
        Assert.Null(map.LayerUser(100010));
        Assert.Null(map.LayerUser(0));
        Assert.Equal(0u, map.LayerGroup(200000));
    }

    [Fact]
    public void Ranges_of_one_user_are_joined_lowest_first()
    {
        var map = OwnerMap.From(5000, 5000, "mapped:9000:100\nmapped:5000:10\n", "mapped:5000:10\n");
        Assert.Equal(5009u, map.HostUser(9));
        Assert.Equal(9000u, map.HostUser(10));
        Assert.Equal(9099u, map.HostUser(109));
        Assert.Null(map.HostUser(110));
        Assert.Equal(10u, map.LayerUser(9000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mapped:4999:10\n")]
    [InlineData("mapped:5000\nmapped:5000:x\n:::\nmapped:5000:99999999999\n")]
    public void Without_an_entry_the_range_is_that_of_a_new_user(string text)
    {
        var map = OwnerMap.From(5000, 5000, text, text);
        Assert.Equal(5000u + 65535, map.HostUser(65535));
        Assert.Null(map.HostUser(65536));
    }

    [Fact]
    public void Without_remapping_there_is_no_map() => Assert.True(OwnerMap.Of("/var/lib/docker").IsNone);
}
