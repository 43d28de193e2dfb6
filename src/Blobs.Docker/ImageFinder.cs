using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Finds images as <c>docker</c> does: by name, by id, or by an id prefix.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageFinder(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.Find"/>
    public Image Find(string name)
    {
        if (IdOf(name) is not { } id)
        {
            throw NoSuchImage(name);
        }

        return root.Images.TryGet(id) ?? throw (root.Images.HasConfig(id)
            ? new StoreException(root.Path, $"{root.Path}: image {id} is damaged, or lacks some of its layers ({root.DriverName})")
            : NoSuchImage(name));
    }

    /// <inheritdoc cref="DockerRoot.TryFind"/>
    public Image? TryFind(string name) => IdOf(name) is { } id ? root.Images.TryGet(id) : null;

    /// <summary>The error for a name that refers to no image.</summary>
    public NotFoundException NoSuchImage(string name)
    {
        string shown = ImageReference.TryParse(name, out ImageReference? reference) ? reference.WithDefaultTag().Familiar : name;
        return new NotFoundException(root.Path, $"{root.Path}: no such image: {shown} ({root.DriverName})");
    }

    // The id that a name, an id or an id prefix refers to, whether or not that image is usable.
    private Digest? IdOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        root.Require();
        string id = DigestText.WithSha256(name);
        if (Digest.TryParse(id, null, out Digest digest))
        {
            return digest;
        }

        // A short id also parses as a name. If a name matches, it takes precedence.
        bool isNamed = ImageReference.TryParse(name, out ImageReference? reference);
        return isNamed && root.Names.Read().TryGet(reference!, out Digest? named) ? named : root.Images.SearchId(name);
    }
}
