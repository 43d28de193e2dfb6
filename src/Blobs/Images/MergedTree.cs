using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// The merged tree of an image's layers, which are added from the top down. What a higher layer has, replaces or hides
/// is never overwritten by a lower one, so an entry is final as soon as it is there.
/// </summary>
internal sealed class MergedTree
{
    private const int EntryBytes = 250;
    private const int ImpliedDirectoryMode = 0b111_101_101;

    private readonly Limits _limits;
    private long _bytes;

    public MergedTree(Limits limits)
    {
        _limits = limits;
        Root.Define(Implied(), int.MaxValue);
    }

    public ImageEntry Root { get; } = new([], null);

    /// <summary>Counts memory against the limit.</summary>
    public void Charge(long bytes)
    {
        _bytes += bytes;
        if (_bytes > _limits.FileTreeBytes)
        {
            Throw.LimitExceeded(nameof(Limits.FileTreeBytes), _limits.FileTreeBytes, "the file system of the image");
        }
    }

    /// <summary>The directory in which a layer has something; null when a higher layer hides it. Directories that are
    /// missing are implied.</summary>
    /// <param name="path">Its path, without links.</param>
    /// <param name="layer">The layer.</param>
    public ImageEntry? Directory(ReadOnlySpan<byte> path, int layer)
    {
        ImageEntry directory = Root;
        if (Root.HidesBelow > layer)
        {
            return null;
        }

        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = path[range];
            if (name.IsEmpty)
            {
                continue;
            }

            directory = directory.Get(name) ?? Add(directory, name);
            if (directory.HidesBelow > layer || directory.Visible is { IsDirectory: false })
            {
                return null;
            }

            if (directory.Visible is null)
            {
                directory.Define(Implied(), layer);
            }
        }

        return directory;
    }

    /// <summary>The entry of a path, links not followed; null if there is none.</summary>
    public ImageEntry? Find(ReadOnlySpan<byte> path)
    {
        ImageEntry? entry = Root;
        foreach (Range range in path.Split((byte)'/'))
        {
            entry = entry?.Get(path[range]);
        }

        return entry;
    }

    /// <summary>Adds what a layer has under a name; null when a higher layer hides it.</summary>
    public ImageEntry? Add(ImageEntry directory, ReadOnlySpan<byte> name, ImageFile file, int layer)
    {
        ImageEntry entry = directory.Get(name) ?? Add(directory, name);
        if (entry.HidesBelow > layer)
        {
            return null;
        }

        if (entry.Visible is { IsDirectory: true } above && entry.Layer > layer)
        {
            // Directories are merged; the highest layer that describes one decides its owner, mode and times.
            if (!file.IsDirectory)
            {
                entry.HideBelow(layer);
                return null;
            }

            if (!above.IsImplied && above.Layer > layer)
            {
                return null;
            }
        }

        entry.Define(file, layer);
        return entry;
    }

    /// <summary>Takes a whiteout: lower layers add nothing under this name.</summary>
    public void Hide(ImageEntry directory, ReadOnlySpan<byte> name, int layer) =>
        (directory.Get(name) ?? Add(directory, name)).HideBelow(layer);

    /// <summary>Whether the layers below one cannot add anything to an entry.</summary>
    public static bool IsComplete(ImageEntry entry, int layer)
    {
        for (ImageEntry? one = entry; one is not null; one = one.Parent)
        {
            if (one.HidesBelow >= layer && layer > 0)
            {
                return true;
            }
        }

        return layer == 0;
    }

    private ImageEntry Add(ImageEntry directory, ReadOnlySpan<byte> name)
    {
        Charge(name.Length + EntryBytes);
        return directory.Add(name);
    }

    private static ImageFile Implied() => new() { Type = TarEntryType.Directory, Mode = ImpliedDirectoryMode, IsImplied = true };
}
