using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// Looks a path up in a tree that is still being merged. Links are followed inside the tree, as the kernel would for a
/// process whose root it is.
/// </summary>
/// <param name="tree">The tree.</param>
/// <param name="path">The path; a leading slash makes no difference.</param>
/// <param name="followsLast">Whether a link that the path itself names is followed.</param>
internal sealed class PathSearch(MergedTree tree, string path, bool followsLast)
{
    // As the kernel (path_resolution(7)).
    private const int LinksMax = 40;

    private ImageEntry? _waitsIn;
    private byte[] _waitsFor = [];

    /// <summary>The entry; null while it is not known.</summary>
    public ImageEntry? Found { get; private set; }

    /// <summary>How many links the path led through so far.</summary>
    public int LinkCount { get; private set; }

    /// <summary>Whether the layer that is being read has brought what the search waits for.</summary>
    public bool CanGoOn => Found is null && (_waitsIn is null || _waitsIn.Get(_waitsFor)?.Visible is not null);

    /// <summary>Goes as far as the tree allows.</summary>
    /// <param name="layer">The lowest layer that was read to its end.</param>
    /// <exception cref="NotFoundException">There is no such file, whatever the layers below have.</exception>
    public void GoOn(int layer)
    {
        var rest = new Stack<byte[]>();
        Push(rest, Encoding.UTF8.GetBytes(path));
        ImageEntry entry = tree.Root;
        LinkCount = 0;
        while (rest.TryPop(out byte[]? name))
        {
            if (!entry.File.IsDirectory)
            {
                throw Missing($"'{entry}' is not a directory");
            }

            if (name is [(byte)'.', (byte)'.'])
            {
                entry = entry.Parent ?? entry;
                continue;
            }

            if (entry.Get(name) is not { Visible: { } file } child)
            {
                WaitFor(entry, name, layer);
                return;
            }

            if (file.Type != TarEntryType.SymbolicLink || (rest.Count == 0 && !followsLast && !path.EndsWith('/')))
            {
                entry = child;
                continue;
            }

            if (++LinkCount > LinksMax)
            {
                throw new MalformedDataException(Fault.LinkTarget, 0, $"'{path}': there are too many levels of symbolic links");
            }

            entry = file.LinkTarget.Span.StartsWith("/"u8) ? tree.Root : entry;
            Push(rest, file.LinkTarget.Span);
        }

        if (!entry.File.IsDirectory && (path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal)))
        {
            throw Missing($"'{entry}' is not a directory");
        }

        Found = entry;
    }

    private void WaitFor(ImageEntry directory, byte[] name, int layer)
    {
        if (MergedTree.IsComplete(directory.Get(name) ?? directory, layer))
        {
            throw Missing($"there is no {Printable.Quote(name)} in '{directory}'");
        }

        _waitsIn = directory;
        _waitsFor = name;
    }

    private NotFoundException Missing(string why) => new(path, $"'{path}' is not in the image: {why}");

    private static void Push(Stack<byte[]> rest, ReadOnlySpan<byte> path)
    {
        var names = new List<byte[]>();
        foreach (Range range in path.Split((byte)'/'))
        {
            if (path[range] is { IsEmpty: false } name && !name.SequenceEqual("."u8))
            {
                names.Add(name.ToArray());
            }
        }

        for (int index = names.Count - 1; index >= 0; index--)
        {
            rest.Push(names[index]);
        }
    }
}
