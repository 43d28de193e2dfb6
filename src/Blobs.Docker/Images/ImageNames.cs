using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Docker.Images;

/// <summary>The names of a data root's images. The file is read at every lookup and replaced at every change.</summary>
[SupportedOSPlatform("linux")]
public sealed class ImageNames
{
    // A thousand names take about a hundred kilobytes.
    private const int FileBytesMax = 64 << 20;

    private readonly RootPaths _paths;
    private readonly Lock _lock = new();

    internal ImageNames(RootPaths paths) => _paths = paths;

    /// <summary>All current names.</summary>
    /// <exception cref="StoreException">The file does not parse; dockerd would not start with it.</exception>
    public NameTable Read() =>
        FilePath.IsFile(_paths.Names) ? NameTable.Parse(SmallFile.ReadBytes(_paths.Names, FileBytesMax), _paths.Names) : NameTable.Empty;

    /// <summary>Gives an image a name. A tag moves from another image; a digest keeps its image.</summary>
    /// <param name="name">A tag or a digest in a repository; neither means <c>latest</c>.</param>
    /// <param name="image">The image's id.</param>
    /// <returns>The image that had the name before, if another.</returns>
    /// <exception cref="StoreException">The repository is called <c>sha256</c>, which would look like an id.</exception>
    internal Digest? Set(ImageReference name, Digest image)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.FamiliarName == DigestText.Sha256)
        {
            throw new StoreException(
                _paths.Names, "refusing to create an ambiguous tag using digest algorithm as name: 'sha256'");
        }

        lock (_lock)
        {
            NameTable table = Read();
            Digest? previous = table.TryGet(name, out Digest? meant) && meant != image ? meant : null;
            if (meant != image)
            {
                Write(table.With(name, image));
            }

            return previous;
        }
    }

    /// <summary>Removes a name; false when there was none.</summary>
    internal bool Remove(ImageReference name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_lock)
        {
            NameTable table = Read();
            if (!table.TryGet(name, out _))
            {
                return false;
            }

            Write(table.Without(name));
            return true;
        }
    }

    private void Write(NameTable table)
    {
        DurableDirectory.Ensure(_paths.Image, Modes.Private);
        AtomicFile.Replace(_paths.Names, table.ToJson(), TemporaryNames.Engine, Modes.PrivateFile);
    }
}
