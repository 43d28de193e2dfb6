using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Containers;

/// <summary>
/// Volumes of Docker's local driver. dockerd finds them by their directories when it starts; its database only adds
/// labels and options (dockerd 20.10, packages volume/local and daemon, createContainerOSSpecificSettings and
/// populateVolumes).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeStore(RootPaths paths, OwnerMap owners)
{
    private readonly MadeDirectories _made = new();
    private readonly List<string> _names = [];

    /// <summary>Creates a volume, and fills it with a copy of the container's directory at its destination.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="tree">The container's mounted tree; symbolic links in it are followed, but never out of it.</param>
    /// <exception cref="StoreException">The tree has something other than a directory there.</exception>
    public void Make(Volume volume, DirectoryHandle tree)
    {
        int errno = tree.TryOpenInside([.. Encoding.UTF8.GetBytes(volume.Destination.TrimStart('/')), 0], out DirectoryHandle? place);
        using (place)
        {
            if (errno == Errno.NotDirectory)
            {
                throw new StoreException(
                    volume.Destination, $"cannot mount volume over existing file, file exists {volume.Destination}");
            }

            if (errno != Errno.NotFound)
            {
                Errno.ThrowIfSet("open", errno, Encoding.UTF8.GetBytes(volume.Destination));
            }

            _made.Ensure(paths.Volumes, Modes.Searchable);
            _names.Add(volume.Name);
            _made.Ensure(paths.Volume(volume.Name), Modes.Searchable);
            _made.Ensure(paths.VolumeData(volume.Name), Modes.Open);
            owners.GiveToRoot(paths.VolumeData(volume.Name));
            if (place is not null)
            {
                Populate(volume, place);
            }
        }
    }

    /// <summary>The names of all volumes, in their order.</summary>
    public IEnumerable<string> Names() => !FilePath.IsDirectory(paths.Volumes)
        ? []
        : DirectoryList.Directories(paths.Volumes).Select(path => Path.GetFileName(path))
            .Where(name => FilePath.IsDirectory(paths.VolumeData(name))).Order(StringComparer.Ordinal);

    /// <summary>Removes a volume that was created.</summary>
    public void Undo()
    {
        _names.ForEach(name => TreeRemover.Remove(paths.Volume(name)));
        _names.Clear();
    }

    private void Populate(Volume volume, DirectoryHandle place)
    {
        using (DirectoryHandle data = DirectoryHandle.Open(paths.VolumeData(volume.Name)))
        {
            new TreeCopier().Copy(place, data);
        }

        Errno.ThrowIfSet("stat", place.TryGetStatus(".\0"u8, out FileStatus status), "."u8);
        using DirectoryHandle above = DirectoryHandle.Open(paths.Volume(volume.Name));
        ReadOnlySpan<byte> nameZ = "_data\0"u8;
        Errno.ThrowIfSet("chown", above.SetOwner(nameZ, status.User, status.Group), nameZ);
        Errno.ThrowIfSet("chmod", above.SetMode(nameZ, status.Permissions), nameZ);
    }
}
