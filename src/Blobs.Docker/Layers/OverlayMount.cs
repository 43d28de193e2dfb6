using System.Buffers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// An overlay mount and its options. The options must fit into one page of memory. If absolute paths do not fit, or
/// contain a separator character, paths relative to the driver's home are used.
/// </summary>
internal sealed record OverlayMount
{
    private static readonly SearchValues<char> Separators = SearchValues.Create(":,\\");

    /// <summary>The driver's directory; all other paths are relative to it.</summary>
    public required string Home { get; init; }

    /// <summary>The lower directories, topmost first.</summary>
    public required IReadOnlyList<string> Lowers { get; init; }

    /// <summary>The upper directory, which receives writes; null for a read-only mount.</summary>
    public string? Upper { get; init; }

    public string? Work { get; init; }

    /// <summary>The mount point.</summary>
    public required string Merged { get; init; }

    /// <summary>The owner mapping, which gives the root user in containers.</summary>
    public OwnerMap Owners { get; init; } = OwnerMap.None;

    public string Target => Path.Combine(Home, Merged);

    /// <summary>Mounts the tree where dockerd would, visible to all processes.</summary>
    public void Mount()
    {
        var made = new MadeDirectories();
        made.Ensure(Target, Modes.Private);
        try
        {
            string options = OptionsFor(Environment.SystemPageSize, Prefix(), out bool isRelative);
            OverlayFileSystem.Mount(isRelative ? Merged : Target, options, isRelative ? Home : null);
        }
        catch
        {
            made.Undo();
            throw;
        }

        try
        {
            GiveWorkToRoot();
        }
        catch
        {
            Unmount();
            throw;
        }
    }

    /// <summary>Unmounts the tree, and removes the mount point.</summary>
    public void Unmount()
    {
        OverlayFileSystem.Detach(Target);
        Directory.Delete(Target);
    }

    /// <summary>Opens the whole tree as it is now, for reading. No other process sees this mount, and nothing is left
    /// behind.</summary>
    public DirectoryHandle OpenPrivately()
    {
        OverlayMount view = Upper is null ? this : this with { Lowers = [Upper, .. Lowers], Upper = null, Work = null };
        return OverlayFileSystem.OpenPrivately(view.Fitting(view.Options(Prefix(), ""), Environment.SystemPageSize), Home);
    }

    /// <summary>Returns the mount options as text.</summary>
    /// <param name="pageBytes">The maximum size that the kernel accepts, including the terminating NUL.</param>
    /// <param name="prefix">The options that precede the directories.</param>
    /// <param name="isRelative">Whether the mount must be made with <see cref="Home"/> as the current
    /// directory.</param>
    /// <exception cref="StoreException">There are too many layers.</exception>
    public string OptionsFor(int pageBytes, string prefix, out bool isRelative)
    {
        string options = Options(prefix, Home + "/");
        isRelative = options.Length >= pageBytes || Home.AsSpan().ContainsAny(Separators);
        return Fitting(isRelative ? Options(prefix, "") : options, pageBytes);
    }

    private string Fitting(string options, int pageBytes) => options.Length < pageBytes ? options : throw new StoreException(
        Target, $"{Target}: {Lowers.Count} layers are too many for one mount: {options.Length} bytes of options, {pageBytes - 1} fit");

    // The kernel creates work/work; dockerd gives it to the root user of its containers.
    private void GiveWorkToRoot()
    {
        if (Work is not null)
        {
            using DirectoryHandle work = DirectoryHandle.Open(Path.Combine(Home, Work));
            Errno.ThrowIfSet("chown", work.SetOwner("work\0"u8, Owners.Root, Owners.RootGroup), "work"u8);
        }
    }

    // Options that dockerd adds since 18.09 and 20.10 respectively, each only if the kernel supports it.
    private static string Prefix() =>
        (OverlayFileSystem.KnowsIndex ? "index=off," : "") + (OverlayFileSystem.NeedsUserXattrs ? "userxattr," : "");

    private string Options(string prefix, string home)
    {
        if (Lowers.Append(Upper).Append(Work).Any(path => path.AsSpan().ContainsAny(Separators)))
        {
            throw new StoreException(Target, $"{Target}: a name of what should be mounted here contains what separates options");
        }

        string lowers = string.Join(':', Lowers.Select(lower => home + lower));
        return Upper is null
            ? $"{prefix}lowerdir={lowers}"
            : $"{prefix}lowerdir={lowers},upperdir={home}{Upper},workdir={home}{Work}";
    }
}
