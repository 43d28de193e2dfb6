using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Blobs.Interop.Inputs;

/// <summary>
/// An OCI layout with an index of three platforms and BuildKit's attestation of each; referrers of the index, of an image, and of
/// a referrer; and a signature, an attestation and an SBOM under cosign's tags. Written here, after their specifications.
/// </summary>
internal sealed class IndexedLayout
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string Title = "org.opencontainers.image.ref.name";

    private readonly string _folder;

    public IndexedLayout(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "blobs/sha256"));
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        JsonObject[] images = [Image("amd64"), Image("arm64"), Image("arm", "v7")];
        JsonObject[] members = [.. images, .. images.Select(Attestation)];
        JsonObject index = Document(IndexType, new JsonObject { ["manifests"] = Copies(members) });
        Index = (string)index["digest"]!;
        Images = [.. images.Select(image => (string)image["digest"]!)];
        JsonObject signature = Artifact("application/vnd.example.signature", "of the index", index);
        JsonObject bill = Artifact("application/spdx+json", "of an image", images[0]);
        JsonObject signed = Artifact("application/vnd.example.signature", "of the SBOM", bill);
        JsonObject[] entries =
        [
            Named(index, "1"), signature, bill, signed, Cosign(index, "sig"), Cosign(index, "att"), Cosign(images[1], "sbom"),
        ];
        var layout = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = Copies(entries) };
        File.WriteAllText(Path.Combine(folder, "index.json"), layout.ToJsonString());
    }

    /// <summary>Manifests in all: one index, three images and attestations, three referrers, and three of cosign.</summary>
    public const int Manifests = 13;

    public string Index { get; }

    /// <summary>The images for linux/amd64, linux/arm64 and linux/arm/v7.</summary>
    public IReadOnlyList<string> Images { get; }

    /// <summary>The names of all blobs of a layout.</summary>
    public static string[] FilesIn(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "blobs/sha256")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Lose(string digest) => File.Delete(Path.Combine(_folder, "blobs/sha256", digest["sha256:".Length..]));

    private JsonObject Image(string architecture, string? variant = null)
    {
        byte[] tar = new TarBuilder().Add(new TarMember($"file-{architecture}") { Content = "content"u8.ToArray() }).ToArray();
        JsonObject layer = Blob(tar, "application/vnd.oci.image.layer.v1.tar");
        var platform = new JsonObject { ["architecture"] = architecture, ["os"] = "linux" };
        if (variant is not null)
        {
            platform["variant"] = variant;
        }

        JsonObject config = platform.DeepClone().AsObject();
        config["config"] = new JsonObject();
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray((string)layer["digest"]!) };
        JsonObject image = Manifest(Blob(Bytes(config), ConfigType), layer);
        image["platform"] = platform;
        return image;
    }

    private JsonObject Attestation(JsonObject image)
    {
        JsonObject statement = Blob(Bytes(new JsonObject { ["subject"] = (string)image["digest"]! }), "application/vnd.in-toto+json");
        var unknown = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" };
        JsonObject config = unknown.DeepClone().AsObject();
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray((string)statement["digest"]!) };
        JsonObject attestation = Manifest(Blob(Bytes(config), ConfigType), statement);
        attestation["annotations"] = new JsonObject
        {
            ["vnd.docker.reference.digest"] = (string)image["digest"]!,
            ["vnd.docker.reference.type"] = "attestation-manifest",
        };
        attestation["platform"] = unknown;
        return attestation;
    }

    private JsonObject Artifact(string type, string content, JsonObject subject)
    {
        JsonObject artifact = Document(ManifestType, new JsonObject
        {
            ["artifactType"] = type,
            ["config"] = Blob("{}"u8.ToArray(), "application/vnd.oci.empty.v1+json"),
            ["layers"] = new JsonArray(Blob(Encoding.UTF8.GetBytes(content), type)),
            ["subject"] = Plain(subject),
        });
        artifact["artifactType"] = type;
        return artifact;
    }

    private JsonObject Cosign(JsonObject subject, string suffix)
    {
        string digest = (string)subject["digest"]!;
        JsonObject payload = Blob(
            Encoding.UTF8.GetBytes($"{suffix} of {digest}"), "application/vnd.dev.cosign.simplesigning.v1+json");
        var config = new JsonObject
        {
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray((string)payload["digest"]!) },
        };
        return Named(Manifest(Blob(Bytes(config), ConfigType), payload), $"{digest.Replace(':', '-')}.{suffix}");
    }

    private JsonObject Manifest(JsonObject config, JsonObject layer) =>
        Document(ManifestType, new JsonObject { ["config"] = config, ["layers"] = new JsonArray(layer) });

    private JsonObject Document(string type, JsonObject members)
    {
        var document = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = type };
        foreach ((string name, JsonNode? value) in members)
        {
            document[name] = value!.DeepClone();
        }

        return Blob(Bytes(document), type);
    }

    private JsonObject Blob(byte[] content, string type)
    {
        string digest = Sha256Text.Of(content);
        File.WriteAllBytes(Path.Combine(_folder, "blobs/sha256", digest["sha256:".Length..]), content);
        return new JsonObject { ["mediaType"] = type, ["digest"] = digest, ["size"] = content.Length };
    }

    private static JsonObject Named(JsonObject descriptor, string name)
    {
        JsonObject named = Plain(descriptor);
        named["annotations"] = new JsonObject { [Title] = name };
        return named;
    }

    private static JsonObject Plain(JsonObject descriptor) => new()
    {
        ["mediaType"] = (string)descriptor["mediaType"]!,
        ["digest"] = (string)descriptor["digest"]!,
        ["size"] = (int)descriptor["size"]!,
    };

    private static JsonArray Copies(IEnumerable<JsonObject> items) => [.. items.Select(item => item.DeepClone())];

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json);
}
