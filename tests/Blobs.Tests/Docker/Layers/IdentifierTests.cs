using Blobs.Docker.Layers;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Names that stores give to directories and links.</summary>
public sealed class IdentifierTests
{
    [Fact]
    public void A_link_id_is_26_characters_of_upper_case_base32() => Assert.Matches("^[A-Z2-7]{26}$", LinkId.Create());

    [Fact]
    public void A_cache_id_is_64_hex_digits_whose_start_is_no_number()
    {
        string id = CacheId.Create();
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.False(long.TryParse(id[..12], out _));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-init", true)]
    [InlineData("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-removing", false)]
    [InlineData("u2vn5qd6h8x3b1m0k9z7w4t5r", false)]
    [InlineData("l", false)]
    [InlineData("backingFsBlockDev", false)]
    public void Only_directories_with_the_stores_own_names_are_its(string name, bool expected) =>
        Assert.Equal(expected, DriverDirectories.IsOfStore(name));
}
