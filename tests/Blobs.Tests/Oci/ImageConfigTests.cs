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
    [InlineData("""{"rootfs":{"type":3}}""")]
    [InlineData("""{"rootfs":{"diff_ids":["x"]}}""")]
    [InlineData("""{"rootfs":{"type":"layers"},"history":[{"created_by":"x"}]}""")]
    [InlineData("""{"rootfs":{"type":"layers"},"history":[null]}""")]
    public void Refuses_what_is_no_config(string text)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Parse(text));
        Assert.Equal(Fault.ConfigSyntax, fault.Fault);
    }

    [Fact]
    public void History_may_have_fewer_steps_than_layers_or_none()
    {
        Assert.Single(Parse("""{"rootfs":{"diff_ids":["%"]}}""".Replace("%", DiffId, StringComparison.Ordinal)).DiffIds);
        Assert.Empty(Parse("""{"rootfs":{},"history":[{"empty_layer":true}]}""").DiffIds);
    }

    [Theory]
    [InlineData("layers+base", "layers+base")]
    [InlineData("something", "something")]
    [InlineData("", "layers")]
    public void Any_rootfs_type_is_accepted_and_kept(string type, string written)
    {
        ImageConfig config = Parse($$$"""{"rootfs":{"type":"{{{type}}}","diff_ids":["{{{DiffId}}}"]}}""");
        Assert.Single(config.DiffIds);
        string again = Encoding.UTF8.GetString(ImageDraft.From(config).ToConfig().Bytes.Span);
        Assert.Contains($"\"rootfs\":{{\"type\":\"{written}\",\"diff_ids\":[\"{DiffId}\"]}}", again, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00+24:00", "2020-01-01T00:00:00+24:00", "2019-12-31T00:00:00Z")]
    [InlineData("2020-01-01T00:00:00-24:00", "2020-01-01T00:00:00-24:00", "2020-01-02T00:00:00Z")]
    [InlineData("2020-01-01T00:00:00+24:60", "2020-01-01T00:00:00+25:00", "2019-12-30T23:00:00Z")]
    [InlineData("2020-01-01T00:00:00+00:60", "2020-01-01T00:00:00+01:00", "2019-12-31T23:00:00Z")]
    [InlineData("2020-01-01T00:00:00+00:61", "2020-01-01T00:00:00+01:01", "2019-12-31T22:59:00Z")]
    [InlineData("2020-01-01T00:00:00+25:00", "2020-01-01T00:00:00+25:00", "2019-12-30T23:00:00Z")]
    [InlineData("2020-01-01T00:00:00-00:00", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z")]
    public void A_zone_beyond_a_day_is_read_and_written_as_go_does(string created, string written, string time)
    {
        ImageConfig config = Parse($$"""{"rootfs":{},"created":"{{created}}","history":[{"created":"{{created}}","empty_layer":true}]}""");
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), config.CreatedTime);
        Assert.Equal(config.CreatedTime, config.History[0].CreatedTime);
        Assert.Contains($"\"created\":\"{written}\"", Encoding.UTF8.GetString(ImageDraft.From(config).ToConfig().Bytes.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00+99:60")]
    [InlineData("2020-01-01T00:00:00+0100")]
    [InlineData("2020-01-01T00:00:00+1:00")]
    public void A_zone_that_go_does_not_read_is_refused(string created) =>
        Assert.Throws<MalformedDataException>(() => Parse($$"""{"rootfs":{},"created":"{{created}}"}"""));

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
