using Blobs.Images;

namespace Blobs.Cli.Contents;

/// <summary>The size of a directory and everything in it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">Bytes of its files; one with several names counts once in the whole tree.</param>
/// <param name="Files">How many they are.</param>
internal sealed record DirectoryUsage(string Path, long Bytes, long Files);

/// <summary>Adds up the sizes of directories.</summary>
/// <param name="depth">How deep directories are listed.</param>
internal sealed class DirectorySizes(int depth)
{
    private readonly HashSet<ImageFile> _counted = [];
    private readonly List<DirectoryUsage> _listed = [];

    /// <summary>The directories below <paramref name="root"/>, the largest first.</summary>
    public IReadOnlyList<DirectoryUsage> List(ImageEntry root)
    {
        Measure(root);
        return [.. _listed.OrderByDescending(directory => directory.Bytes).ThenBy(directory => directory.Path, StringComparer.Ordinal)];
    }

    public DirectoryUsage Measure(ImageEntry root) => Measure(root, 0);

    private DirectoryUsage Measure(ImageEntry entry, int level)
    {
        if (!entry.File.IsDirectory)
        {
            bool isNew = entry.File.LinkCount <= 1 || _counted.Add(entry.File);
            return new DirectoryUsage("", isNew ? entry.File.Size : 0, isNew ? 1 : 0);
        }

        long bytes = 0;
        long files = 0;
        foreach (ImageEntry child in entry.Children)
        {
            DirectoryUsage size = Measure(child, level + 1);
            bytes += size.Bytes;
            files += size.Files;
        }

        var usage = new DirectoryUsage(FileText.PathOf(entry), bytes, files);
        if (level > 0 && level <= depth)
        {
            _listed.Add(usage);
        }

        return usage;
    }
}
