using System.ComponentModel;
using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Tar;

namespace Blobs.Trees.Internal;

/// <summary>
/// Puts files into an existing tree, such as a mounted one. They come as archive members and go through
/// <see cref="TreeWriter"/>, so only one class creates files under names from outside.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeImport
{
    /// <summary>Runs <paramref name="write"/> and unpacks the members it writes.</summary>
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
