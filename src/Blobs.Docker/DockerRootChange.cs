using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// A data root taken for writing, and what may be written to it piece by piece. Nobody else writes to the root until this is disposed;
/// the verbs of <see cref="DockerRoot"/>, which take the root themselves, work meanwhile in this process.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DockerRootChange : IDisposable
{
    private readonly DockerRoot _root;
    private readonly RootLock _taken;
    private bool _isDisposed;

    internal DockerRootChange(DockerRoot root, RootLock taken)
    {
        _root = root;
        _taken = taken;
    }

    /// <summary>Gives an image a name. A tag may have meant another image before; a digest keeps the one it means. Unlike
    /// <see cref="DockerRoot.TagAsync"/> this notes no time.</summary>
    /// <param name="name">A tag or a digest in a repository; neither means <c>latest</c>.</param>
    /// <param name="image">The image's id.</param>
    /// <returns>The image that the name meant before, if another.</returns>
    /// <exception cref="Errors.StoreException">The repository is called <c>sha256</c>, which would look like an id.</exception>
    public Digest? SetName(ImageReference name, Digest image) => Writable.Names.Set(name, image);

    /// <summary>Says which image another was made from.</summary>
    /// <param name="image">The image's id.</param>
    /// <param name="parent">The id of the image it was made from; null for none.</param>
    public void SetParent(Digest image, Digest? parent) => Writable.Images.SetParent(image, parent);

    /// <summary>Notes that a blob holds a layer; one that was noted so before becomes the latest.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The blob, and where it is.</param>
    public void AddBlobSource(DiffId layer, BlobSource source) => Writable.Distribution.Add(layer, source);

    /// <summary>Forgets that a blob may be had somewhere. That it holds the layer stays true.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The blob, and where it was.</param>
    public void RemoveBlobSource(DiffId layer, BlobSource source) => Writable.Distribution.Remove(layer, source);

    /// <summary>Lets others write to the root.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _taken.Dispose();
    }

    private DockerRoot Writable
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _root;
        }
    }
}
