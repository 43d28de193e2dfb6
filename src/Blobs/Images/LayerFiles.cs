using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Trees;
using Blobs.Trees.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Images;

/// <summary>
/// Files and directories of this machine as entries of a new layer, in bytewise order of their names. They are listed
/// when the layer is written, and read one after another. Entries have no names of users or hosts, and times in whole
/// seconds.
/// </summary>
public static class LayerFiles
{
    /// <summary>The content of a directory at another path, with the directories above it; or a single file or symbolic
    /// link.</summary>
    /// <param name="source">The directory or file.</param>
    /// <param name="destination">The path in the image. If it ends in a slash, a file keeps its name below it.</param>
    /// <param name="options">Owners and times; the defaults when null.</param>
    /// <exception cref="ArgumentException">A destination is not a path in an image.</exception>
    /// <remarks>The enumeration throws a <see cref="StoreException"/> for a source that is not there, and for one that is
    /// neither a file, a directory nor a symbolic link.</remarks>
    public static IEnumerable<LayerEntry> At(string source, string destination, LayerFilesOptions? options = null) =>
        At([(source, destination)], options);

    /// <summary>Several sources, one after the other. A directory above several of them is described once.</summary>
    /// <param name="paths">The sources and their paths in the image.</param>
    /// <param name="options">Owners and times; the defaults when null.</param>
    /// <inheritdoc cref="At(string, string, LayerFilesOptions?)"/>
    public static IEnumerable<LayerEntry> At(
        IReadOnlyList<(string Source, string Destination)> paths, LayerFilesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        Listing[] listings =
        [
            .. paths.Select(path => IsPath(path.Destination)
                ? new Listing(FullPath(path.Source), path.Destination, options ?? new LayerFilesOptions())
                : throw new ArgumentException($"'{path.Destination}' is not a path in an image", nameof(paths))),
        ];
        return All(listings);
    }

    private static IEnumerable<LayerEntry> All(Listing[] listings)
    {
        var described = new HashSet<string>();
        foreach (LayerEntry entry in listings.SelectMany(listing => listing.Entries(described)))
        {
            yield return entry;
        }
    }

    private static string FullPath(string source) =>
        Path.GetFullPath(source).TrimEnd('/') is { Length: > 0 } path ? path : "/";

    private static bool IsPath(string destination) =>
        destination.Trim('/') is "" || destination.Trim('/').Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>Lists one source.</summary>
    private sealed class Listing(string source, string destination, LayerFilesOptions options)
    {
        private readonly long _latestSeconds = options.LatestTime?.ToUnixTimeSeconds() ?? long.MaxValue;

        /// <param name="described">Directories that other listings have described.</param>
        public IEnumerable<LayerEntry> Entries(HashSet<string> described)
        {
            string folder = Path.GetDirectoryName(source) ?? "/";
            byte[] nameZ = source == "/" ? [(byte)'.', 0] : FilePath.Terminated(Path.GetFileName(source));
            FileStatus status = Require(folder, nameZ);
            string target = destination.Trim('/');
            if (!status.IsDirectory && (destination.EndsWith('/') || target.Length == 0))
            {
                target = $"{target}/{Path.GetFileName(source)}".TrimStart('/');
            }

            foreach (string parent in Parents(target).Where(described.Add))
            {
                yield return new LayerEntry(DirectoryAt(parent, 0));
            }

            if (!status.IsDirectory)
            {
                yield return Describe(folder, nameZ, Encoding.UTF8.GetBytes(target), status, null);
                yield break;
            }

            if (IsDescribed(target) && described.Add(target))
            {
                yield return new LayerEntry(DirectoryAt(target, status.ModifiedSeconds));
            }

            foreach (LayerEntry entry in Below(target))
            {
                yield return entry;
            }
        }

        private IEnumerable<LayerEntry> Below(string target)
        {
            byte[] prefix = Encoding.UTF8.GetBytes(target.Length > 0 ? $"{target}/" : "");
            var linked = new Dictionary<(uint, uint, ulong), byte[]>();
            using DirectoryHandle root = DirectoryHandle.Open(source);
            foreach (TreeChange change in TreeWalk.All(root))
            {
                byte[] pathZ = [.. change.Path, 0];
                byte[] name = [.. prefix, .. change.Path];
                Errno.ThrowIfSet("stat", root.TryGetStatus(pathZ, out FileStatus status), change.Path);
                if (status.IsDirectory && !IsDescribed(Encoding.UTF8.GetString(name)))
                {
                    continue;
                }

                byte[]? first = null;
                if (status.IsRegular && status.LinkCount > 1 && !linked.TryAdd((status.HostMajor, status.HostMinor, status.Inode), name))
                {
                    first = linked[(status.HostMajor, status.HostMinor, status.Inode)];
                }

                yield return Describe(source, pathZ, name, status, first);
            }
        }

        private IEnumerable<string> Parents(string target)
        {
            for (int slash = target.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = target.IndexOf('/', slash + 1))
            {
                if (IsDescribed(target[..slash]))
                {
                    yield return target[..slash];
                }
            }
        }

        private bool IsDescribed(string path) =>
            path.Length > 0 && (options.DescribesStandardDirectories || !StandardDirectories.Has(path));

        // As docker's COPY, which does not take over the mode of the source.
        private TarMember DirectoryAt(string path, long modifiedSeconds) => Owned(default) with
        {
            Name = Encoding.UTF8.GetBytes($"{path}/"),
            Type = TarEntryType.Directory,
            Mode = StandardDirectories.ModeOf(path),
            ModifiedTime = new UnixTime(Math.Min(modifiedSeconds, _latestSeconds), 0),
        };

        private LayerEntry Describe(string folder, byte[] pathZ, byte[] name, FileStatus status, byte[]? first)
        {
            TarMember header = Owned(status) with
            {
                Name = status.IsDirectory ? [.. name, (byte)'/'] : name,
                Mode = status.Permissions,
                ModifiedTime = new UnixTime(Math.Min(status.ModifiedSeconds, _latestSeconds), 0),
            };
            if (first is not null)
            {
                return new LayerEntry(header with { Type = TarEntryType.HardLink, LinkName = first });
            }

            if (status.IsDirectory)
            {
                return new LayerEntry(header with { Type = TarEntryType.Directory });
            }

            using DirectoryHandle root = DirectoryHandle.Open(folder);
            if (status.IsSymlink)
            {
                return new LayerEntry(header with { Type = TarEntryType.SymbolicLink, LinkName = root.ReadLink(pathZ) });
            }

            if (!status.IsRegular)
            {
                throw new StoreException(
                    source, $"{source}: {Printable.Quote(pathZ.AsSpan(..^1))} is no file, directory or symbolic link");
            }

            byte[]? capability = root.GetXattr(pathZ, "security.capability\0"u8);
            return new LayerEntry(
                header with
                {
                    Size = status.Length,
                    Xattrs = capability is null or [] ? [] : [KeyValuePair.Create("security.capability", capability)],
                },
                () => Open(folder, pathZ));
        }

        private TarMember Owned(in FileStatus status) =>
            new() { Name = [], Uid = options.User ?? status.User, Gid = options.Group ?? status.Group };

        private FileStatus Require(string folder, byte[] nameZ)
        {
            int errno = FileStatus.TryGet(folder, out FileStatus status);
            if (errno == Errno.None)
            {
                using DirectoryHandle directory = DirectoryHandle.Open(folder);
                errno = directory.TryGetStatus(nameZ, out status);
            }

            Errno.ThrowIfTrouble("stat", errno, Encoding.UTF8.GetBytes(source));
            return errno == Errno.None ? status : throw new StoreException(source, $"{source}: no such file or directory");
        }

        private static FileStream Open(string folder, byte[] pathZ)
        {
            using DirectoryHandle root = DirectoryHandle.Open(folder);
            Errno.ThrowIfSet("open", root.TryOpenFile(pathZ, out int handle), pathZ.AsSpan(..^1));
            return new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        }
    }
}
