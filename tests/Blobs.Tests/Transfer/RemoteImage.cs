using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Transfer;

/// <summary>An image of a few small layers in a registry without a socket.</summary>
internal sealed class RemoteImage
{
    public RemoteImage(FakeRegistry fake, int layerCount = 3, bool isSha512 = false)
    {
        byte[][] tars = [.. Enumerable.Range(0, layerCount).Select(number => Archive.Of(Archive.File($"f{number}", $"content {number}")))];
        DiffIds = [.. tars.Select(tar => DiffId.Parse($"{Digest.OfSha256(tar)}"))];
        Blobs = [.. tars.Select(Gzip)];
        byte[] config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            os = "linux",
            architecture = "amd64",
            rootfs = new { type = "layers", diff_ids = DiffIds.Select(id => $"{id}").ToArray() },
        });
        Descriptor[] layers = [.. Blobs.Select(blob => FakeRegistry.Describe(blob) with
        {
            MediaType = MediaTypes.OciLayerGzip,
            Digest = isSha512 ? Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData(blob)) : Digest.OfSha256(blob),
        })];
        Manifest = ManifestWriter.Image(MediaTypes.OciManifest, FakeRegistry.Describe(config), layers);
        fake.On("GET /v2/app/manifests/1", _ => FakeRegistry.Bytes(Manifest.Bytes.ToArray(), MediaTypes.OciManifest))
            .On($"GET {PathOf(Manifest.Config.Digest)}", _ => FakeRegistry.Bytes(config));
        for (int i = 0; i < layerCount; i++)
        {
            byte[] blob = Blobs[i];
            fake.On($"GET {PathOfLayer(i)}", _ => FakeRegistry.Bytes(blob));
        }
    }

    public IReadOnlyList<DiffId> DiffIds { get; }

    public IReadOnlyList<byte[]> Blobs { get; }

    public ImageManifest Manifest { get; }

    public string PathOfLayer(int index) => PathOf(Manifest.Layers[index].Digest);

    private static string PathOf(Digest digest) => $"/v2/app/blobs/{digest}";

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }
}
