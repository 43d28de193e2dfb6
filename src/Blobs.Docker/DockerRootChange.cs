using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// A data root locked for writing, with the individual changes that can be made to it. No other process can write to
/// the data root until this is disposed. The operations of <see cref="DockerRoot"/>, which lock the data root
/// themselves, still work in this process.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DockerRootChange : IDisposable
{
    private readonly DockerRoot _root;
    private readonly RootLock _rootLock;
    private bool _isDisposed;

    internal DockerRootChange(DockerRoot root, RootLock rootLock)
    {
        _root = root;
        _rootLock = rootLock;
    }

    /// <summary>Gives an image a name. A tag may be moved from another image; a digest always keeps its image. Unlike
    /// <see cref="DockerRoot.TagAsync"/>, this records no time.</summary>
    /// <param name="name">A repository with a tag or digest; the tag defaults to <c>latest</c>.</param>
    /// <param name="image">The image's id.</param>
    /// <returns>The image that the name referred to before, if it was a different one.</returns>
    /// <exception cref="Errors.StoreException">The repository is named <c>sha256</c>, which would look like an
    /// id.</exception>
    public Digest? SetName(ImageReference name, Digest image) => Writable.Names.Set(name, image);

    /// <summary>Records which image another image was made from.</summary>
    /// <param name="image">The image's id.</param>
    /// <param name="parent">The id of the image it was made from; null for none.</param>
    public void SetParent(Digest image, Digest? parent) => Writable.Images.SetParent(image, parent);

    /// <summary>Records that a blob holds a layer. A blob that is already recorded becomes the latest.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The blob and its location.</param>
    public void AddBlobSource(DiffId layer, BlobSource source) => Writable.Distribution.Add(layer, source);

    /// <summary>Removes the record that a blob is available at a location. The record that it holds the layer is
    /// kept.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The blob and its former location.</param>
    public void RemoveBlobSource(DiffId layer, BlobSource source) => Writable.Distribution.Remove(layer, source);

    /// <summary>Unlocks the data root, so that others can write to it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _rootLock.Dispose();
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
