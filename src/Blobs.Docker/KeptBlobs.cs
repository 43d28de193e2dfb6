using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>The blobs that pulls kept in a data root, and which of them an image names.</summary>
[SupportedOSPlatform("linux")]
internal sealed class KeptBlobs(DockerRoot root)
{
    private readonly BlobDirectory _blobs = new(root.Path);

    /// <summary>Whether they are also a registry's, whose manifests may name any of them.</summary>
    public bool IsRegistry => FilePath.IsDirectory(Path.Combine(Folder, "repositories"));

    private string Folder => Path.GetDirectoryName(_blobs.Folder)!;

    /// <summary>All of them, complete or not.</summary>
    public IReadOnlyList<KeptBlob> All() => [.. Complete(), .. _blobs.Unfinished().Select(Unfinished)];

    /// <summary>Those that no image names.</summary>
    /// <param name="images">The images that stay.</param>
    public IReadOnlyList<KeptBlob> Unneeded(IReadOnlyCollection<ImageSummary> images)
    {
        KeptBlob[] complete = [.. Complete()];
        HashSet<DiffId> layers = [.. images.SelectMany(image => image.Image.Config.DiffIds)];
        HashSet<Digest> named = [.. images.Select(image => image.Image.Id)];
        foreach (Digest manifest in images.SelectMany(image => image.Digests).Select(name => name.Digest).OfType<Digest>())
        {
            AddNamed(manifest, named);
        }

        return
        [
            .. complete.Where(blob => !named.Contains(blob.Digest!.Value)
                && !(root.Distribution.DiffIdOf(blob.Digest.Value) is { } layer && layers.Contains(layer))),
            .. _blobs.Unfinished().Select(Unfinished),
        ];
    }

    /// <summary>Removes one. Another process may have done so already.</summary>
    public void Remove(KeptBlob blob)
    {
        if (blob.Digest is { } digest)
        {
            _blobs.Delete(digest);
        }
        else
        {
            File.Delete(blob.Path);
        }
    }

    /// <summary>Keeps pulls from keeping blobs meanwhile.</summary>
    /// <param name="problem">Why blobs must not be removed now; null when they may.</param>
    /// <returns>The lock; null when there are no blobs, or there is a problem.</returns>
    public FileLock? TryLock(out string? problem)
    {
        problem = null;
        if (IsRegistry)
        {
            problem = $"{root.Path} is also a registry's store: its blobs stay; 'blobs gc --store {root.Path}' collects them";
            return null;
        }

        int errno = FileLock.TryTake(Folder, isExclusive: true, out FileLock? taken);
        switch (errno)
        {
            case Errno.None or Errno.NotFound or Errno.NotDirectory:
                return taken;
            case Errno.Again:
                problem = $"{Folder}: another program keeps blobs here{LockHolder.Describe(FileLock.HolderOf(Folder))}: they stay";
                return null;
            default:
                throw Errno.Error("lock", errno, Folder);
        }
    }

    // A manifest names its config and layers, an index its manifests.
    private void AddNamed(Digest manifest, HashSet<Digest> named)
    {
        if (!named.Add(manifest) || _blobs.Stat(manifest) is not { } stat || stat.Length > Limits.Default.ManifestBytes)
        {
            return;
        }

        try
        {
            switch (Manifest.Parse(_blobs.TryRead(manifest, Limits.Default.ManifestBytes)))
            {
                case ImageManifest image:
                    named.UnionWith(image.Layers.Select(layer => layer.Digest).Prepend(image.Config.Digest));
                    break;
                case ImageIndex index:
                    foreach (Descriptor child in index.Manifests)
                    {
                        AddNamed(child.Digest, named);
                    }

                    break;
            }
        }
        catch (MalformedDataException)
        {
            // It names nothing that could be read.
        }
    }

    private IEnumerable<KeptBlob> Complete() => _blobs.List()
        .Select(digest => new KeptBlob(_blobs.PathOf(digest), digest, _blobs.Stat(digest)?.Length ?? 0));

    private static KeptBlob Unfinished(string path) => new(path, null, FileLength(path));

    private static long FileLength(string path) => FileStamp.TryGet(path, out FileStamp stamp, out _) ? stamp.Length : 0;
}
