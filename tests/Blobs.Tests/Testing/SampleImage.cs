using System.Text;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>Small images, built in code: layers as tars, a config that names them, and archives of both.</summary>
internal sealed class SampleImage
{
    private SampleImage(byte[][] layers, ImageConfig config)
    {
        Layers = layers;
        Config = config;
    }

    public byte[][] Layers { get; }

    public ImageConfig Config { get; }

    /// <summary>An image whose layers hold one file each, of these texts; the same texts give the same layers.</summary>
    public static SampleImage Of(params string[] texts) => From([.. texts.Select(Layer)]);

    public static byte[] Layer(string text) => Archive.Of(Archive.File($"file-{text}", text));

    public static SampleImage From(byte[][] layers, string? os = "linux", string history = "")
    {
        string diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.OfSha256(layer)}\""));
        string json =
            "{\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"/run\"],\"Env\":[\"A=1\"]},\"created\":\"2020-01-02T03:04:05Z\"," +
            $"\"history\":[{history}],\"os\":\"{os}\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{diffIds}]}}}}";
        return new SampleImage(layers, ImageConfig.Parse(Encoding.UTF8.GetBytes(json)));
    }

    /// <summary>An archive as <c>docker save</c> orders it: layers first, what names them last.</summary>
    public byte[] DockerArchive(string? tag = "sample:1", Func<byte[], byte[]>? compress = null)
    {
        (TarMember Member, byte[] Payload)[] layers = [.. Layers.Select((layer, i) => Archive.File($"{i}/layer.tar", compress?.Invoke(layer) ?? layer))];
        string names = string.Join(',', Enumerable.Range(0, Layers.Length).Select(i => $"\"{i}/layer.tar\""));
        string tags = tag is null ? "null" : $"[\"{tag}\"]";
        string manifest = $"[{{\"Config\":\"config.json\",\"RepoTags\":{tags},\"Layers\":[{names}]}}]";
        return Archive.Of(
            [.. layers, Archive.File("config.json", Config.Bytes.ToArray()), Archive.File("manifest.json", manifest)]);
    }
}
