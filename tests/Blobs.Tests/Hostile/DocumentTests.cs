using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Hostile;

/// <summary>Documents that were made to break whoever reads them: one clear error each, and nothing kept.</summary>
[SupportedOSPlatform("linux")]
public sealed class DocumentTests : IDisposable
{
    private const int Deep = 100_000;

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_manifest_nested_100000_deep_is_refused() =>
        Assert.Throws<MalformedDataException>(() => Manifest.Parse(Nested("""{"schemaVersion":2,"layers":""")));

    [Fact]
    public void A_config_nested_100000_deep_is_refused() =>
        Assert.Throws<MalformedDataException>(() => ImageConfig.Parse(Nested("""{"rootfs":""")));

    [Fact]
    public void Names_nested_100000_deep_are_refused() =>
        Assert.ThrowsAny<BlobsException>(() => NameTable.Parse(Nested("""{"Repositories":"""), "repositories.json"));

    [Fact]
    public async Task An_archive_whose_manifest_is_nested_100000_deep_is_refused()
    {
        byte[] archive = Archive.Of(Archive.File("manifest.json", Nested("""[{"Layers":""")));
        await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(archive));
    }

    [Theory]
    [InlineData("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:../../../../etc/passwd")]
    [InlineData("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_digest_of_another_algorithm_is_none(string text) => Assert.False(Digest.TryParse(text, null, out _));

    [Fact]
    public void A_config_that_is_not_UTF_8_is_refused() =>
        Assert.Throws<MalformedDataException>(() => ImageConfig.Parse(
            (byte[])[.. """{"rootfs":{"type":"layers"},"author":"""u8, (byte)'"', 0xff, (byte)'"', (byte)'}']));

    [Fact]
    public async Task An_index_that_refers_to_itself_is_refused()
    {
        // No document can hold its own digest; one that holds the digest of what claims to be it is the nearest there is.
        string self = $"sha256:{new string('a', 64)}";
        string index =
            $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciIndex}}","digest":"{{self}}","size":200}]}""";
        byte[] archive = Archive.Of(
            Archive.File($"blobs/sha256/{self["sha256:".Length..]}", index),
            Archive.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""),
            Archive.File("index.json", index));
        await Assert.ThrowsAnyAsync<BlobsException>(() => LoadAsync(archive));
        Assert.False(Directory.Exists(_folder["root"]));
    }

    [Fact]
    public async Task An_index_of_indexes_ends_somewhere()
    {
        var members = new List<(TarMember, byte[])>();
        byte[] document = """{"schemaVersion":2,"manifests":[]}"""u8.ToArray();
        for (int depth = 0; depth < 10; depth++)
        {
            Digest digest = Digest.OfSha256(document);
            members.Add(Archive.File($"blobs/sha256/{digest.Hex}", document));
            document = Encoding.UTF8.GetBytes(
                $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciIndex}}}","digest":"{{{digest}}}","size":{{{document.Length}}},"platform":{"os":"linux","architecture":"{{{Platform.Current.Architecture}}}"}}]}""");
        }

        members.Add(Archive.File("index.json", document));
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => LoadAsync(Archive.Of([.. members])));
        Assert.Contains("deep", fault.Message, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<TakenImage>> LoadAsync(byte[] archive) =>
        ImageLoader.LoadAsync(new MemoryStream(archive), "archive", DockerRoot.Open(_folder["root"]));

    private static byte[] Nested(string start) =>
        Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat("[", Deep)) + string.Concat(Enumerable.Repeat("]", Deep)) + "}");
}
