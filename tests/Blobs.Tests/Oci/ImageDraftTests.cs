using System.Text;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Tests.Oci;

/// <summary>What dockerd 20.10.24 wrote after a build of five steps, and what it called the layers in <c>docker
/// save</c>.</summary>
public sealed class ImageDraftTests
{
    private const string Built =
        "{\"architecture\":\"amd64\",\"config\":{\"Hostname\":\"\",\"Domainname\":\"\",\"User\":\"\",\"AttachStdin\":false,\"AttachStdout\":f" +
        "alse,\"AttachStderr\":false,\"Tty\":false,\"OpenStdin\":false,\"StdinOnce\":false,\"Env\":[\"PATH=/bin\",\"A=b\"],\"Cmd\":[\"sh" +
        "\",\"-c\",\"cat /hello.txt\"],\"Image\":\"sha256:ba121962f2744f4f2811770382184e4a8bc641faae975121856c3027b803bdae\",\"Vo" +
        "lumes\":null,\"WorkingDir\":\"\",\"Entrypoint\":null,\"OnBuild\":null,\"Labels\":null},\"container\":\"805b991a460b4ca01af26" +
        "18d19582e875986a22b0b97f88ab022f879cb641847\",\"container_config\":{\"Hostname\":\"805b991a460b\",\"Domainname\":\"\",\"Us" +
        "er\":\"\",\"AttachStdin\":false,\"AttachStdout\":false,\"AttachStderr\":false,\"Tty\":false,\"OpenStdin\":false,\"StdinOnce\"" +
        ":false,\"Env\":[\"PATH=/bin\",\"A=b\"],\"Cmd\":[\"/bin/sh\",\"-c\",\"#(nop) \",\"CMD [\\\"sh\\\" \\\"-c\\\" \\\"cat /hello.txt\\\"]\"],\"Im" +
        "age\":\"sha256:ba121962f2744f4f2811770382184e4a8bc641faae975121856c3027b803bdae\",\"Volumes\":null,\"WorkingDir\":\"\"," +
        "\"Entrypoint\":null,\"OnBuild\":null,\"Labels\":{}},\"created\":\"2026-11-25T04:18:44.346792777Z\",\"docker_version\":\"20." +
        "10.24+dfsg1\",\"history\":[{\"created\":\"2026-11-25T04:18:43.108477946Z\",\"comment\":\"Imported from -\"},{\"created\":\"2" +
        "026-11-25T04:18:43.536633858Z\",\"created_by\":\"/bin/sh -c #(nop)  ENV A=b PATH=/bin\",\"empty_layer\":true},{\"creat" +
        "ed\":\"2026-11-25T04:18:44.13513126Z\",\"created_by\":\"/bin/sh -c rm -rf /d/a\"},{\"created\":\"2026-11-25T04:18:44.260" +
        "268714Z\",\"created_by\":\"/bin/sh -c #(nop) ADD file:9038e107f170f856fa48f31b9226e681828036bcdf1e382273e1fba36fd3" +
        "dff1 in / \"},{\"created\":\"2026-11-25T04:18:44.346792777Z\",\"created_by\":\"/bin/sh -c #(nop)  CMD [\\\"sh\\\" \\\"-c\\\" \\" +
        "\"cat /hello.txt\\\"]\",\"empty_layer\":true}],\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:c5533c260c" +
        "778a65a9556da86d0174a5e43806522e3af0ff6ab6cc6e44ece190\",\"sha256:309c384e052cd437afe4bc7d69ff9221bc00265bd79b62" +
        "03c380dbe3e3acfbea\",\"sha256:98b4b719d5663cc29c11c13c3b70590abc850b3c0910b8513d9bb723050ef7db\"]}}";

    [Fact]
    public void Writes_a_config_byte_for_byte_as_the_engine()
    {
        ImageConfig built = ImageConfig.Parse(Encoding.UTF8.GetBytes(Built));
        Assert.Equal("sha256:7b4130c2f55fc453771bff2976e2a5d40df65a9883b0ffef6f8babfa628737d7", $"{built.Id}");
        Assert.Equal(Built, Encoding.UTF8.GetString(ImageDraft.From(built).ToConfig().Bytes.Span));
    }

    [Fact]
    public void Legacy_layer_ids_are_those_of_dockerd()
    {
        ImageConfig built = ImageConfig.Parse(Encoding.UTF8.GetBytes(Built));
        var lower = new ImageDraft { Created = "1970-01-01T00:00:00Z" };
        Digest first = lower.LegacyId(built.ChainIds[0], null);
        Digest second = lower.LegacyId(built.ChainIds[1], first);
        Digest third = ImageDraft.From(built).LegacyId(built.ChainIds[2], second);
        Assert.Equal("1eb279c5577c20b8a679138a60b27bd836324208049b793578803818eb18f034", first.Hex);
        Assert.Equal("c37a2ab1b05b35ced5f8b9670400163260bc04c912d3660072aed45009d7f077", second.Hex);
        Assert.Equal("11198ebd095af30488a5846721ce2ed2ce523aa429059052619bb2cf649dd70f", third.Hex);
    }

    [Fact]
    public void Keeps_what_the_engine_keeps_of_a_health_check()
    {
        const string Config =
            """{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false""" +
            ""","ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":[]""" +
            ""","Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"Retries":3},"Image":"","Volumes":{"/data":{}}""" +
            ""","WorkingDir":"/","Entrypoint":null,"OnBuild":[],"Labels":{"a":"<b>"},"StopSignal":"SIGINT","StopTimeout":0,"Shell":["/bin/sh"]}""";
        ImageConfig image = ImageConfig.Parse(Encoding.UTF8.GetBytes("{\"config\":" + Config + ",\"rootfs\":{}}"));
        Assert.Equal(Config.Replace("<b>", "\\u003cb\\u003e", StringComparison.Ordinal), Encoding.UTF8.GetString(RunConfigWriter.ToJson(image.Config)));
    }

    [Theory]
    [InlineData("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z")]
    [InlineData("2020-01-02T03:04:05.000Z", "2020-01-02T03:04:05Z")]
    [InlineData("2020-01-02T03:04:05.120300Z", "2020-01-02T03:04:05.1203Z")]
    [InlineData("2020-01-02T03:04:05.1234567894+01:00", "2020-01-02T03:04:05.123456789+01:00")]
    [InlineData("2020-01-02T03:04:05+00:00", "2020-01-02T03:04:05Z")]
    [InlineData("2020-13-02T03:04:05Z", null)]
    [InlineData("yesterday", null)]
    public void Times_read_as_Go_would_write_them(string text, string? expected) => Assert.Equal(expected, GoTime.Normalize(text));
}
