using System.Text;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>The same layers, loaded into the real engine and ingested by us, leave the same store.</summary>
[Collection(EngineCollection.Name)]
public sealed class DockerdTreeInterop(TwinStoresFixture stores) : IClassFixture<TwinStoresFixture>
{
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Every_tree_is_the_engines_tree(string driver)
    {
        TwinStores twins = await stores.Of(driver);
        TreeListing.Facts facts =
            TreeListing.Facts.Modified | (driver == "overlay2" ? TreeListing.Facts.Shape : TreeListing.Facts.CopiedByEngine);
        var differences = new StringBuilder();
        foreach (string chainId in twins.ChainIds)
        {
            TreeListing theirs = TreeListing.Of(twins.Theirs.Layer(chainId).Tree, facts, twins.Started);
            TreeListing ours = TreeListing.Of(twins.Ours.Layer(chainId).Tree, facts, twins.Started);
            differences.Append(ours.DifferenceFrom(theirs));
        }

        Assert.True(differences.Length == 0, $"{driver}:\n{differences}");
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Layerdb_and_the_drivers_own_files_are_the_engines(string driver)
    {
        TwinStores twins = await stores.Of(driver);
        Assert.Equal(
            twins.Theirs.Bookkeeping(twins.ChainIds).Split('\n'),
            twins.Ours.Bookkeeping(twins.ChainIds).Split('\n'));
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Recordings_are_equal_up_to_the_way_the_tail_is_cut(string driver)
    {
        TwinStores twins = await stores.Of(driver);
        foreach (string chainId in twins.ChainIds)
        {
            Assert.Equal(
                twins.Theirs.Layer(chainId).Recording().LinesAndTail(),
                twins.Ours.Layer(chainId).Recording().LinesAndTail());
        }
    }

    [Fact]
    public async Task The_command_names_the_identities_that_the_engine_uses()
    {
        TwinStores twins = await stores.Of("overlay2");
        Assert.Equal(twins.ChainIds, twins.Ingested.Select(layer => layer.ChainId));
        Assert.Equal(twins.Layers.Select(Sha256Text.OfFile), twins.Ingested.Select(layer => layer.DiffId));
    }

    [Fact]
    public async Task The_command_lists_what_the_engine_holds()
    {
        TwinStores twins = await stores.Of("overlay2");
        CommandResult listed = await BlobsCommand.With("layers", "--json", "--root", twins.TheirRoot).SucceedAsync();
        IEnumerable<string> expected = twins.ChainIds.Select(twins.Theirs.Layer)
            .Select(layer => $"{layer.ChainId} {layer.DiffId} {layer.Parent} {layer.Size} {layer.CacheId}");
        IEnumerable<string> found = listed.Json.EnumerateArray().Select(layer => string.Join(
            ' ', new[] { "chainId", "diffId", "parent", "size", "cacheId" }.Select(key => layer.GetProperty(key).ToString())));
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_layer_that_the_engine_unpacked_comes_back_bit_for_bit(string driver)
    {
        TwinStores twins = await stores.Of(driver);
        for (int number = 0; number < twins.Layers.Count; number++)
        {
            CommandResult exported = await BlobsCommand
                .With("layer", "export", twins.ChainIds[number], "--root", twins.TheirRoot, "--driver", driver)
                .SucceedAsync();
            Assert.Equal(Sha256Text.OfFile(twins.Layers[number]), Sha256Text.Of(exported.Output));
        }
    }
}
