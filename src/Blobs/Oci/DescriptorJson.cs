using Blobs.Hashing;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>Reads descriptors and platforms as Go does: only a descriptor's digest is required.</summary>
internal static class DescriptorJson
{
    public static Descriptor Read(GoObject json)
    {
        GoObject? platform = json["platform"].ObjectIfAny();
        return new Descriptor
        {
            MediaType = json["mediaType"].Text() ?? "",
            Digest = json["digest"].Parsed<Digest>("a digest: sha256: and 64, or sha512: and 128, lower-case hex digits"),
            Size = json["size"].Number(),
            Urls = json["urls"].Texts(),
            Annotations = json["annotations"].TextMap(),
            Platform = platform is null ? null : Platform(platform),
            ArtifactType = json["artifactType"].Text(),
        };
    }

    private static Platform Platform(GoObject json)
    {
        // Docker's lists define it, and no reader uses it: only its type is checked.
        _ = json["features"].Texts();
        return new Platform
        {
            Architecture = json["architecture"].Text() ?? "",
            Os = json["os"].Text() ?? "",
            OsVersion = json["os.version"].TextIfAny(),
            OsFeatures = json["os.features"].Texts(),
            Variant = json["variant"].TextIfAny(),
        };
    }
}
