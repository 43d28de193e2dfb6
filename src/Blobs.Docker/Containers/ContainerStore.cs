using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Json.Internal;

namespace Blobs.Docker.Containers;

/// <summary>The files of a data root's containers that use one storage driver. The layer store has their
/// layers.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class ContainerStore
{
    private const int FileBytesMax = 16 << 20;

    private readonly RootContext _context;
    private readonly RootPaths _paths;

    internal ContainerStore(RootContext context)
    {
        _context = context;
        _paths = context.Paths;
    }

    /// <summary>All containers, the latest first. Those that cannot be read are left out, as dockerd does.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    public IEnumerable<Container> Containers()
    {
        // Any directory may have a subdirectory of that name.
        _context.Require();
        return Ids()
            .Select(TryGet)
            .OfType<Container>()
            .OrderByDescending(container => container.Created, StringComparer.Ordinal)
            .ThenBy(container => container.Id, StringComparer.Ordinal);
    }

    /// <summary>The container of that id; null when there is none, or it uses another driver.</summary>
    public Container? TryGet(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string file = RootPaths.ConfigFile(_paths.Container(id));
        if (!IsId(id) || !FilePath.IsFile(file))
        {
            return null;
        }

        try
        {
            return Read(SmallFile.ReadBytes(file, FileBytesMax), file, id, _context.DriverName);
        }
        catch (Exception fault) when (fault is BlobsException or IOException && !Errno.IsTrouble(fault))
        {
            return null;
        }
    }

    /// <summary>Reads a container from its file; null when the file is of another container, or it uses another
    /// driver.</summary>
    /// <exception cref="MalformedDataException">dockerd could not read the file.</exception>
    internal static Container? Read(ReadOnlyMemory<byte> bytes, string file, string id, string driver)
    {
        var json = ContainerJson.Read(bytes, file);
        return json.Id != id || json.Driver != driver ? null : new Container
        {
            Id = id,
            Name = (json.Name ?? "").TrimStart('/'),
            Created = json.Created ?? GoTime.Zero,
            Path = json.Path ?? "",
            Arguments = json.Args ?? [],
            Config = json.Config ?? new Oci.RunConfig(),
            ImageId = Digest.TryParse(json.Image, null, out Digest image) ? image : default,
            Driver = driver,
            State = json.State ?? new ContainerState(),
            ImageMounts = json.ImageMounts,
            VolumeNames = json.VolumeNames,
        };
    }

    /// <summary>Finds a container by id, name or start of an id, as <c>docker</c> does.</summary>
    /// <exception cref="NotFoundException">There is none, or no data root.</exception>
    /// <exception cref="StoreException">It is damaged, or several ids begin with the text.</exception>
    public Container Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (TryGet(name) is { } exact)
        {
            return exact;
        }

        Container[] all = [.. Containers()];
        string bare = name.TrimStart('/');
        Container[] found = [.. all.Where(container => container.Name == bare)];
        found = found.Length > 0 ? found : [.. all.Where(container => container.Id.StartsWith(name, StringComparison.Ordinal))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw (DamagedOne(name) is { } why
                ? new StoreException(_context.Root, why)
                : new NotFoundException(_context.Root, $"{_context.Root}: no such container: {name} ({_context.DriverName})")),
            _ => throw new StoreException(
                _context.Root, $"{_context.Root}: '{name}' is the start of {found.Length} containers ({_context.DriverName})"),
        };
    }

    // A container whose file cannot be read is found only by id.
    private string? DamagedOne(string start)
    {
        foreach (string id in Ids().Where(id => id.StartsWith(start, StringComparison.Ordinal)))
        {
            string file = RootPaths.ConfigFile(_paths.Container(id));
            try
            {
                if (ContainerJson.Read(SmallFile.ReadBytes(file, FileBytesMax), file).Id != id)
                {
                    return $"{file}: the container is damaged: the file is of another one";
                }
            }
            catch (Exception fault) when (fault is BlobsException && !Errno.IsTrouble(fault))
            {
                return fault.Message.StartsWith(file, StringComparison.Ordinal)
                    ? $"{file}: the container is damaged{fault.Message[file.Length..]}"
                    : $"{file}: the container is damaged: {fault.Message}";
            }
        }

        return null;
    }

    /// <summary>The bytes of a container's two files: its config, and its host config.</summary>
    internal (byte[] Config, byte[] HostConfig) ReadFiles(Container container)
    {
        string folder = _paths.Container(container.Id);
        string hostConfig = RootPaths.HostConfigFile(folder);

        // For dockerd, a missing host config is an empty one.
        return (SmallFile.ReadBytes(RootPaths.ConfigFile(folder), FileBytesMax),
            FilePath.IsFile(hostConfig) ? SmallFile.ReadBytes(hostConfig, FileBytesMax) : "{}"u8.ToArray());
    }

    /// <summary>Refuses an invalid name, or one that is in use.</summary>
    internal void CheckName(string name)
    {
        if (!Names().IsMatch(name))
        {
            throw new StoreException(_context.Root, $"invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }

        // Names are unique in the root, across drivers.
        foreach (string id in Ids())
        {
            if (NameOf(id) == name)
            {
                throw new StoreException(
                    _context.Root, $"{_context.Root}: the container name '{name}' is in use by {DigestText.Shorten(id)}");
            }
        }
    }

    /// <summary>Requires that every container can be read. Of a damaged one nobody can tell which image it
    /// uses.</summary>
    /// <exception cref="StoreException">One cannot be read.</exception>
    internal void ThrowIfAnyIsDamaged()
    {
        if (DamagedOne("") is { } why)
        {
            throw new StoreException(_context.Root, $"{why}: nobody can tell which image it uses, and nothing is pruned");
        }
    }

    /// <summary>The directory of all containers.</summary>
    internal string Folder => _paths.Containers;

    /// <summary>Writes a new container's files to a hidden directory.</summary>
    internal void Stage(Container container, string network, IReadOnlyList<Volume> volumes)
    {
        string hidden = _paths.HiddenContainer(container.Id);
        new MadeDirectories().Ensure(_paths.HiddenContainers, Modes.Private);
        new MadeDirectories().Ensure(hidden, Modes.Passable);
        _context.Owners.LetThrough(hidden);
        new MadeDirectories().Ensure(RootPaths.Checkpoints(hidden), Modes.Private);
        bool hasUnifiedCgroups = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        byte[] config = ContainerWriter.Config(container, network, volumes);
        AtomicFile.Replace(RootPaths.ConfigFile(hidden), config, TemporaryNames.Engine, Modes.PrivateFile);
        byte[] hostConfig = ContainerWriter.HostConfig(network, hasUnifiedCgroups);
        AtomicFile.Replace(RootPaths.HostConfigFile(hidden), hostConfig, TemporaryNames.Engine);
    }

    /// <summary>Publishes the staged files, once the layers exist.</summary>
    internal void Publish(string id)
    {
        if (!Directory.Exists(_paths.Containers))
        {
            DurableDirectory.Ensure(_paths.Containers, Modes.Passable);
            _context.Owners.LetThrough(_paths.Containers);
        }

        if (!AtomicDirectory.TryPublish(_paths.HiddenContainer(id), _paths.Container(id)))
        {
            throw new StoreException(_context.Root, $"{_paths.Container(id)}: is there already");
        }
    }

    /// <summary>Moves the files of a container being removed to a hidden directory; false when it has none.</summary>
    internal bool TryHide(string id)
    {
        new MadeDirectories().Ensure(_paths.HiddenContainers, Modes.Private);
        return FilePath.IsDirectory(_paths.Container(id)) && AtomicDirectory.TryPublish(_paths.Container(id), _paths.HiddenContainer(id));
    }

    /// <summary>Removes staged or hidden files.</summary>
    internal void DropHidden(string id) => TreeRemover.Remove(_paths.HiddenContainer(id));

    /// <summary>The images that a container with hidden files mounts; none when they cannot be read.</summary>
    internal IReadOnlyList<ImageMount> HiddenImageMounts(string id)
    {
        try
        {
            string file = RootPaths.ConfigFile(_paths.HiddenContainer(id));
            if (!File.Exists(file))
            {
                return [];
            }

            using GoDocument document = GoDocument.ParseFirst(SmallFile.ReadBytes(file, FileBytesMax), file, Fault.RootDocument);
            return ImageMount.Of(document.Root.Object()["MountPoints"]);
        }
        catch (Exception fault) when (fault is BlobsException or IOException && !Errno.IsTrouble(fault))
        {
            return [];
        }
    }

    /// <summary>Whether a container of that id exists, of any driver, damaged or not.</summary>
    internal bool Has(string id) => IsId(id) && Directory.Exists(_paths.Container(id));

    /// <summary>Ids of containers whose creation or removal was interrupted.</summary>
    internal IEnumerable<string> HiddenIds() => !FilePath.IsDirectory(_paths.HiddenContainers)
        ? []
        : DirectoryList.Directories(_paths.HiddenContainers, $"{RootPaths.HiddenPrefix}*")
            .Select(path => Path.GetFileName(path)[RootPaths.HiddenPrefix.Length..])
            .Where(IsId);

    /// <summary>The source of a container's mount whose file does not state it: the directory of its volume.</summary>
    internal string SourceOf(string type, string name) =>
        type == "volume" && RootPaths.IsName(name) ? _paths.VolumeData(name) : "";

    /// <summary>The volumes of this root.</summary>
    internal VolumeStore Volumes() => new(_paths, _context.Owners);

    /// <summary>Writes the files that a start adds to a container, and records their paths in its config.</summary>
    internal void WriteStartFiles(Container container) => new StartFiles(_paths, container, _context.Owners).Write();

    private IEnumerable<string> Ids() => FilePath.IsDirectory(_paths.Containers)
        ? DirectoryList.Directories(_paths.Containers).Select(path => Path.GetFileName(path)).Where(IsId).Order(StringComparer.Ordinal)
        : [];

    private string? NameOf(string id)
    {
        try
        {
            string file = RootPaths.ConfigFile(_paths.Container(id));
            return ContainerJson.Read(SmallFile.ReadBytes(file, FileBytesMax), file).Name?.TrimStart('/');
        }
        catch (Exception fault) when (fault is BlobsException or IOException && !Errno.IsTrouble(fault))
        {
            return null;
        }
    }

    // This also keeps a name from becoming a path.
    private static bool IsId(string name) => Digest.TryParse(DigestText.Sha256Prefix + name, null, out _);

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9_.-]+\z")]
    private static partial Regex Names();
}
