using System.Security.Cryptography;
using System.Text;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Bytes to push, and what they are called.</summary>
internal static class Content
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    public static readonly byte[] Config = "{}"u8.ToArray();

    public static byte[] Of(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Random(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    public static string Digest512(byte[] bytes) => $"sha512:{Convert.ToHexStringLower(SHA512.HashData(bytes))}";

    public static string Descriptor(byte[] bytes, string mediaType = "application/octet-stream", string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{Digest(bytes)}}","size":{{bytes.Length}}{{more}}}""";

    /// <summary>An image manifest of <see cref="Config"/> and layers.</summary>
    public static byte[] Manifest(
        IEnumerable<byte[]> layers, string mediaType = OciManifest, string configType = OciConfig, string more = "") => Of(
        $$"""
        {"schemaVersion":2,"mediaType":"{{mediaType}}","config":{{Descriptor(Config, configType)}},"layers":[{{string.Join(",", layers.Select(layer => Descriptor(layer)))}}]{{more}}}
        """);

    public static byte[] Index(IEnumerable<byte[]> manifests, string mediaType = OciIndex, string more = "") => Of(
        $$"""{"schemaVersion":2,"mediaType":"{{mediaType}}","manifests":[{{string.Join(",", manifests.Select(item => Descriptor(item, OciManifest)))}}]{{more}}}""");
}
