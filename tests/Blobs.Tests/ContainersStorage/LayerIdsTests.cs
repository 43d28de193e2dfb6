using Blobs.ContainersStorage;
using Blobs.Hashing;

namespace Blobs.Tests.ContainersStorage;

public sealed class LayerIdsTests
{
    // Of an image that skopeo 1.9 stored.
    [Fact]
    public void Ids_are_those_that_skopeo_gives()
    {
        DiffId[] diffIds =
        [
            DiffId.Parse("sha256:4a385c0b10906c98a75cb04d457d2233458fe3625d89546a1d0bd60d3dae55d5"),
            DiffId.Parse("sha256:c15b7fdebbb9ca90c21dec705e27591709a39d3e6b46d61e56ceafa19c218972"),
        ];
        Assert.Equal(
            [
                "4a385c0b10906c98a75cb04d457d2233458fe3625d89546a1d0bd60d3dae55d5",
                "72dd83ca2035320fa3171be47d677cd8f01320f7119f816bb5e122a7cf718b84",
            ],
            LayerIds.Of(diffIds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("4A385c0b10906c98a75cb04d457d2233458fe3625d89546a1d0bd60d3dae55d5")]
    public void What_is_no_id_names_no_directory(string id) => Assert.False(LayerIds.IsValid(id));

    [Theory]
    [InlineData("manifest", "manifest")]
    [InlineData("sha256:ab", "=c2hhMjU2OmFi")]
    [InlineData("a-b", "=YS1i")]
    public void Files_of_documents_are_named_as_the_library_names_them(string name, string file) =>
        Assert.Equal(file, StorePaths.ItemFile(name));
}
