using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Compares the file systems of two images. Layers that both have at their base are read once.</summary>
public static class ImageComparison
{
    /// <summary>Reads both, and lists the changes in bytewise order of the path's components. Of a removed directory only
    /// the directory itself is listed.</summary>
    /// <param name="before">The file system before.</param>
    /// <param name="after">The file system after; layers that both have are read from it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="Errors.BlobsException">A layer is missing, malformed, or not what its digests say.</exception>
    public static async Task<IReadOnlyList<FileChange>> CompareAsync(
        ImageFileSystem before, ImageFileSystem after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        int shared = before.Layers.Zip(after.Layers)
            .TakeWhile(pair => pair.First.DiffId == pair.Second.DiffId && pair.First.DiffId != default).Count();
        var (left, right) = (new TreeMerge(before.Reader), new TreeMerge(after.Reader));
        using var leftLister = new TreeLister(left.Tree.Root, hashesContent: true);
        using var rightLister = new TreeLister(right.Tree.Root, hashesContent: true);
        await left.RunAsync(leftLister, Ignore, cancellationToken, shared).ConfigureAwait(false);
        await right.RunAsync(rightLister, Ignore, cancellationToken, shared).ConfigureAwait(false);
        bool areEqual = shared == before.Layers.Count && shared == after.Layers.Count;
        for (int index = shared - 1; index >= 0 && !areEqual; index--)
        {
            LayerMerge first = left.Begin(index, leftLister);
            LayerMerge second = right.Begin(index, rightLister);
            await after.Reader.ReadAsync(index, new BothSinks(first, second), () => false, cancellationToken).ConfigureAwait(false);
            first.Release();
            second.Release();
        }

        var changes = new List<FileChange>();
        Compare(left.Tree.Root, right.Tree.Root, changes);
        return changes;
    }

    private static Task Ignore(int layer, int index) => Task.CompletedTask;

    private static void Compare(ImageEntry before, ImageEntry after, List<FileChange> changes)
    {
        int old = 0;
        foreach (ImageEntry entry in after.Children)
        {
            int order = -1;
            while (old < before.Children.Count && (order = Order(before.Children[old], entry)) < 0)
            {
                changes.Add(new FileChange(before.Children[old++], null, FileDifferences.None));
            }

            if (old < before.Children.Count && order == 0)
            {
                CompareOne(before.Children[old++], entry, changes);
            }
            else
            {
                AddAll(entry, changes);
            }
        }

        changes.AddRange(before.Children.Skip(old).Select(entry => new FileChange(entry, null, FileDifferences.None)));
    }

    private static void CompareOne(ImageEntry before, ImageEntry after, List<FileChange> changes)
    {
        FileDifferences differences = Between(before.File, after.File);
        if (differences != FileDifferences.None)
        {
            changes.Add(new FileChange(before, after, differences));
        }

        if (before.File.IsDirectory && after.File.IsDirectory)
        {
            Compare(before, after, changes);
        }
        else if (after.File.IsDirectory)
        {
            foreach (ImageEntry child in after.Children)
            {
                AddAll(child, changes);
            }
        }
    }

    private static void AddAll(ImageEntry entry, List<FileChange> changes)
    {
        changes.Add(new FileChange(null, entry, FileDifferences.None));
        foreach (ImageEntry child in entry.Children)
        {
            AddAll(child, changes);
        }
    }

    private static FileDifferences Between(ImageFile before, ImageFile after)
    {
        bool isSameContent = before.Size == after.Size && before.Content == after.Content && before.IsMissing == after.IsMissing;
        return before.Type != after.Type
            ? FileDifferences.Type
            : Of(!isSameContent, FileDifferences.Content)
                | Of(before.Mode != after.Mode && before.Type != TarEntryType.SymbolicLink, FileDifferences.Mode)
                | Of((before.Uid, before.Gid) != (after.Uid, after.Gid), FileDifferences.Owner)
                | Of(!before.LinkTarget.Span.SequenceEqual(after.LinkTarget.Span), FileDifferences.Target)
                | Of((before.DeviceMajor, before.DeviceMinor) != (after.DeviceMajor, after.DeviceMinor), FileDifferences.Device)
                | Of(!AreSame(before.Xattrs, after.Xattrs), FileDifferences.Attributes);
    }

    private static FileDifferences Of(bool isSet, FileDifferences difference) => isSet ? difference : FileDifferences.None;

    private static bool AreSame(
        IReadOnlyList<KeyValuePair<string, byte[]>> before, IReadOnlyList<KeyValuePair<string, byte[]>> after) =>
        before.Count == after.Count && before.OrderBy(item => item.Key, StringComparer.Ordinal)
            .Zip(after.OrderBy(item => item.Key, StringComparer.Ordinal))
            .All(pair => pair.First.Key == pair.Second.Key && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value));

    private static int Order(ImageEntry left, ImageEntry right) => left.Name.Span.SequenceCompareTo(right.Name.Span);

    // One pass feeds both trees.
    private sealed class BothSinks(ITarSink first, ITarSink second) : ITarSink
    {
        public void Entry(TarEntry entry)
        {
            first.Entry(entry);
            second.Entry(entry);
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
            first.Payload(bytes);
            second.Payload(bytes);
        }

        public void EndEntry()
        {
            first.EndEntry();
            second.EndEntry();
        }
    }
}
