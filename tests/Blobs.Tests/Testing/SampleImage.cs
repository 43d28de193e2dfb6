using System.Text;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>Builds small images: layers as tars, a config that refers to them, and archives of both.</summary>
internal sealed class SampleImage
{
    private SampleImage(byte[][] layers, ImageConfig config)
    {
        Layers = layers;
        Config = config;
    }

    public byte[][] Layers { get; }

    public ImageConfig Config { get; }

    /// <summary>Returns an image whose layers contain one file each, with these texts. Equal texts give equal
    /// layers.</summary>
    public static SampleImage Of(params string[] texts) => From([.. texts.Select(Layer)]);

    /// <summary>Returns the same layers with another config.</summary>
    public SampleImage With(string config) => new(Layers, ImageConfig.Parse(Encoding.UTF8.GetBytes(config)));

    public static byte[] Layer(string text) => Archive.Of(Archive.File($"file-{text}", text));

    public static SampleImage From(byte[][] layers, string? os = "linux", string history = "")
    {
        string diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.OfSha256(layer)}\""));
        string json =
            "{\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"/run\"],\"Env\":[\"A=1\"]},\"created\":\"2020-01-02T03:04:05Z\"," +
            $"\"history\":[{history}],\"os\":\"{os}\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{diffIds}]}}}}";
        return new SampleImage(layers, ImageConfig.Parse(Encoding.UTF8.GetBytes(json)));
    }

    /// <summary>Returns an archive in the order of <c>docker save</c>: layers first, then config and
    /// manifest.</summary>
    public byte[] DockerArchive(string? tag = "sample:1", Func<byte[], byte[]>? compress = null)
    {
        (TarMember Member, byte[] Payload)[] layers = [.. Layers.Select((layer, i) => Archive.File($"{i}/layer.tar", compress?.Invoke(layer) ?? layer))];
        string names = string.Join(',', Enumerable.Range(0, Layers.Length).Select(i => $"\"{i}/layer.tar\""));
        string tags = tag is null ? "null" : $"[\"{tag}\"]";
        string manifest = $"[{{\"Config\":\"config.json\",\"RepoTags\":{tags},\"Layers\":[{names}]}}]";
        return Archive.Of(
            [.. layers, Archive.File("config.json", Config.Bytes.ToArray()), Archive.File("manifest.json", manifest)]);
    }

    /// <summary>Returns an OCI layout as an archive: blobs first, then <c>index.json</c>.</summary>
    /// <param name="tag">The image's name in the index.</param>
    /// <param name="sizeOf">Returns the size of a layer to state in the manifest; the real size when null.</param>
    public byte[] OciArchive(string tag = "sample:1", Func<byte[], long>? sizeOf = null)
    {
        string layers = string.Join(',', Layers.Select(layer => Described(MediaTypes.OciLayer, layer, sizeOf?.Invoke(layer))));
        byte[] config = Config.Bytes.ToArray();
        byte[] manifest = Encoding.UTF8.GetBytes(
            $"{{\"schemaVersion\":2,\"mediaType\":\"{MediaTypes.OciManifest}\",\"config\":{Described(MediaTypes.OciConfig, config)},\"layers\":[{layers}]}}");
        string annotations = $",\"annotations\":{{\"org.opencontainers.image.ref.name\":\"{tag}\"}}";
        string index = $"{{\"schemaVersion\":2,\"manifests\":[{Described(MediaTypes.OciManifest, manifest, more: annotations)}]}}";
        return Archive.Of(
        [
            .. Layers.DistinctBy(layer => Digest.OfSha256(layer)).Select(layer => Archive.File(BlobName(layer), layer)),
            Archive.File(BlobName(config), config),
            Archive.File(BlobName(manifest), manifest),
            Archive.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""),
            Archive.File("index.json", index),
        ]);
    }

    private static string BlobName(byte[] content) => $"blobs/sha256/{Digest.OfSha256(content).Hex}";

    private static string Described(string type, byte[] content, long? size = null, string more = "") =>
        $"{{\"mediaType\":\"{type}\",\"digest\":\"{Digest.OfSha256(content)}\",\"size\":{size ?? content.Length}{more}}}";
}
