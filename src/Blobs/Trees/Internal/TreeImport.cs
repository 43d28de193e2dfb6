using System.ComponentModel;
using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Tar;

namespace Blobs.Trees.Internal;

/// <summary>
/// Puts files into a whole tree that stands mounted: told as members of an archive, made as every layer's entries are made. So one
/// place knows how names from outside reach a tree.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeImport
{
    /// <summary>Runs <paramref name="write"/> and makes what it writes.</summary>
    public static Task RunAsync(string tree, Action<TarWriter> write, Limits limits, OwnerMap owners) => Task.Factory.StartNew(
        () => Run(tree, write, limits, owners), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Run(string tree, Action<TarWriter> write, Limits limits, OwnerMap owners)
    {
        using DirectoryHandle root = DirectoryHandle.Open(tree);
        using var writer = new TreeWriter(root, WhiteoutFormat.Applied, limits, owners: owners);
        using var reader = new TarReader(writer, limits);
        var tar = new TarWriter(new ReaderSink(reader));
        write(tar);
        tar.Complete();
        reader.Complete();
        writer.Finish();
    }

    private sealed class ReaderSink(TarReader reader) : IByteSink
    {
        public void Write(ReadOnlySpan<byte> bytes) => reader.Push(bytes);
    }
}
