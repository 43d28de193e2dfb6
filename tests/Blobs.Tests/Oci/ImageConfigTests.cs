using System.Text;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

public sealed class ImageConfigTests
{
    private const string DiffId = "sha256:c0de73ac99683640bc8f8de5cda9e0e2fc97fe53d78c9fd60ea69b31303efbc9";

    private const string Small =
        """{"architecture":"amd64","config":{},"created":"2020-01-02T03:04:05Z","history":[{"created":"2020-01-02T03:04:05Z"}],""" +
        "\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + DiffId + "\"]}}";

    [Fact]
    public void The_id_is_the_hash_of_the_bytes()
    {
        ImageConfig config = Parse(Small);
        Assert.Equal(243, config.Bytes.Length);
        Assert.Equal("sha256:7229ec65981ad07d3d610b76ba218412ae7e6279f0e09f534adf11c88a83ee21", $"{config.Id}");
        Assert.Equal(DiffId, $"{config.ChainId}");
        Assert.Equal("linux/amd64", $"{config.Platform}");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"rootfs":null}""")]
    [InlineData("null")]
    [InlineData("""{"rootfs":{"type":"layers+base"}}""")]
    [InlineData("""{"rootfs":{"diff_ids":["x"]}}""")]
    [InlineData("""{"rootfs":{"type":"layers"},"history":[{"created_by":"x"}]}""")]
    [InlineData("""{"rootfs":{"type":"layers"},"history":[null]}""")]
    public void Refuses_what_is_no_config(string text)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Parse(text));
        Assert.Equal(Fault.ConfigSyntax, fault.Fault);
    }

    [Fact]
    public void Takes_less_history_than_layers_and_none_at_all()
    {
        Assert.Single(Parse("""{"rootfs":{"diff_ids":["%"]}}""".Replace("%", DiffId, StringComparison.Ordinal)).DiffIds);
        Assert.Empty(Parse("""{"rootfs":{},"history":[{"empty_layer":true}]}""").DiffIds);
    }

    [Fact]
    public void A_command_may_be_one_string()
    {
        ImageConfig config = Parse("""{"rootfs":{},"config":{"Cmd":"sh","Entrypoint":["a","b"],"Env":null,"ExposedPorts":{"80/tcp":{}}}}""");
        Assert.Equal(["sh"], config.Config.Cmd!);
        Assert.Equal(["a", "b"], config.Config.Entrypoint!);
        Assert.Null(config.Config.Env);
        Assert.Equal(["80/tcp"], config.Config.ExposedPorts!.Keys);
    }

    [Fact]
    public void Refuses_a_config_one_byte_over_the_limit_and_takes_one_at_it()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Small);
        Assert.NotNull(ImageConfig.Parse(bytes, new Limits { ConfigBytes = bytes.Length }));
        Assert.Throws<LimitExceededException>(() => ImageConfig.Parse(bytes, new Limits { ConfigBytes = bytes.Length - 1 }));
    }

    private static ImageConfig Parse(string text) => ImageConfig.Parse(Encoding.UTF8.GetBytes(text));
}
