using Blobs.Hashing;

namespace Blobs.Tests.Hashing;

public sealed class ChainIdTests
{
    private static readonly DiffId Bottom = DiffId.Parse("sha256:c0de73ac99683640bc8f8de5cda9e0e2fc97fe53d78c9fd60ea69b31303efbc9");
    private static readonly DiffId Second = DiffId.Parse("sha256:794b01691d296c35552ed723fcdc865625149137a7f19f565fed5b123919687f");
    private static readonly DiffId Empty = DiffId.Parse("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");

    [Fact]
    public void The_chain_id_of_a_bottom_layer_is_its_diff_id() => Assert.Equal($"{Bottom}", $"{ChainId.Of(Bottom)}");

    [Fact]
    public void A_chain_id_is_the_hash_of_the_parents_chain_id_and_the_diff_id()
    {
        ChainId second = ChainId.Of(ChainId.Of(Bottom), Second);
        Assert.Equal("sha256:3e1127ba68b26d89fe62c41714bb5ff55a73cc58f8caa399156c074642646ae5", $"{second}");
        Assert.Equal("sha256:86e0695a4a3bc7df3cd1990065610d451b638f3d2fcc5ab4d25f53a93af2a407", $"{ChainId.Of(second, Empty)}");
    }
}
