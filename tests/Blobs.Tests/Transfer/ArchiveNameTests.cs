using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

public sealed class ArchiveNameTests
{
    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("./a//b/", "a/b")]
    [InlineData("/a/./b", "a/b")]
    [InlineData("../../a", "a")]
    [InlineData("a/../../b", "b")]
    [InlineData("a/b/..", "a")]
    [InlineData("", "")]
    [InlineData("..", "")]
    public void A_name_never_climbs_out(string name, string expected) => Assert.Equal(expected, ArchiveName.Clean(name));

    [Theory]
    [InlineData("x/layer.tar", "../y/layer.tar", "y/layer.tar")]
    [InlineData("x/layer.tar", "other", "x/other")]
    [InlineData("layer.tar", "y", "y")]
    [InlineData("x/layer.tar", "/y", "y")]
    [InlineData("x/layer.tar", "../../../../etc/passwd", "etc/passwd")]
    public void A_link_leads_from_its_own_directory(string link, string target, string expected) =>
        Assert.Equal(expected, ArchiveName.Follow(link, target));
}
