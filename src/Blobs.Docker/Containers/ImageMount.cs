using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;

namespace Blobs.Docker.Containers;

/// <summary>An image that a container mounts (<c>--mount type=image</c>, Docker since 28.0).</summary>
/// <param name="Image">The image's id; null when the file does not say.</param>
/// <param name="MountId">The driver's directory of the mount's own read-write layer on top of the image.</param>
internal sealed record ImageMount(Digest? Image, string MountId)
{
    /// <summary>Reads the image mounts from <c>MountPoints</c> of a container's file.</summary>
    public static IReadOnlyList<ImageMount> Of(GoValue mountPoints) =>
        [.. mountPoints.Map(point => TryRead(point.Object()))?.Values.OfType<ImageMount>() ?? []];

    private static ImageMount? TryRead(GoObject point) => point["Type"].Text() == "image"
        ? new ImageMount(ImageOf(point["Spec"].Object()["Source"].Text() ?? ""), point["ID"].Text() ?? "")
        : null;

    private static Digest? ImageOf(string source)
    {
        string id = source.Contains(':', StringComparison.Ordinal) ? source : DigestText.Sha256Prefix + source;
        return Digest.TryParse(id, null, out Digest image) ? image : null;
    }
}
