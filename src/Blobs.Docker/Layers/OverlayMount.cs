using System.Buffers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Directories that lie upon one another, and how the kernel is told. Options must fit into one page of memory; where they do not with
/// whole paths, or where the paths contain what separates options, they are relative to the driver's home.
/// </summary>
internal sealed record OverlayMount
{
    private static readonly SearchValues<char> Separators = SearchValues.Create(":,\\");

    /// <summary>The driver's directory; all other paths are relative to it.</summary>
    public required string Home { get; init; }

    /// <summary>What shines through, the nearest first.</summary>
    public required IReadOnlyList<string> Lowers { get; init; }

    /// <summary>Takes what is written; null for a mount that is read only.</summary>
    public string? Upper { get; init; }

    public string? Work { get; init; }

    /// <summary>Where it is mounted.</summary>
    public required string Merged { get; init; }

    /// <summary>Who is root in containers.</summary>
    public OwnerMap Owners { get; init; } = OwnerMap.None;

    public string Target => Path.Combine(Home, Merged);

    /// <summary>Mounts it for everybody to see, where the engine would.</summary>
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

    /// <summary>Takes it away, and its place.</summary>
    public void Unmount()
    {
        OverlayFileSystem.Detach(Target);
        Directory.Delete(Target);
    }

    /// <summary>The whole tree as it is now, for reading; nobody else sees it, and nothing of it stays.</summary>
    public DirectoryHandle OpenPrivately()
    {
        OverlayMount view = Upper is null ? this : this with { Lowers = [Upper, .. Lowers], Upper = null, Work = null };
        return OverlayFileSystem.OpenPrivately(view.Fitting(view.Options(Prefix(), ""), Environment.SystemPageSize), Home);
    }

    /// <summary>The options as text.</summary>
    /// <param name="pageBytes">What the kernel takes, with the NUL behind it.</param>
    /// <param name="prefix">What stands in front of the directories.</param>
    /// <param name="isRelative">Whether the mount must be made with <see cref="Home"/> as the current directory.</param>
    /// <exception cref="StoreException">Too many layers.</exception>
    public string OptionsFor(int pageBytes, string prefix, out bool isRelative)
    {
        string options = Options(prefix, Home + "/");
        isRelative = options.Length >= pageBytes || Home.AsSpan().ContainsAny(Separators);
        return Fitting(isRelative ? Options(prefix, "") : options, pageBytes);
    }

    private string Fitting(string options, int pageBytes) => options.Length < pageBytes ? options : throw new StoreException(
        Target, $"{Target}: {Lowers.Count} layers are too many for one mount: {options.Length} bytes of options, {pageBytes - 1} fit");

    // The kernel makes work/work; the engine gives it to the root of its containers.
    private void GiveWorkToRoot()
    {
        if (Work is not null)
        {
            using DirectoryHandle work = DirectoryHandle.Open(Path.Combine(Home, Work));
            Errno.ThrowIfSet("chown", work.SetOwner("work\0"u8, Owners.Root, Owners.RootGroup), "work"u8);
        }
    }

    // What engines say since 18.09 and 20.10, each only where the kernel knows it.
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
