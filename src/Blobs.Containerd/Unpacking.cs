using Blobs.Errors;
using Blobs.Files;
using Blobs.Tar;
using Blobs.Trees;

namespace Blobs.Containerd;

/// <summary>Unpacks a layer as containerd does.</summary>
internal sealed class Unpacking : IDisposable
{
    private readonly DirectoryHandle _root;
    private readonly TreeWriter _writer;

    /// <param name="tree">Where to.</param>
    /// <param name="isBase">Whether there is no layer below.</param>
    /// <param name="limits">Limits on names.</param>
    public Unpacking(WritableTree tree, bool isBase, Limits limits)
    {
        _root = DirectoryHandle.Open(tree.Directory);
        _writer = new TreeWriter(_root, isBase ? WhiteoutFormat.AppliedInLayer : WhiteoutFormat.Overlay, limits)
        {
            ReplacesEarlierEntries = true,
            ClampsLinkTimes = true,
            KeepsEmptyXattrs = true,
            SkipsTrustedXattrs = true,
            RemembersImpliedDirectories = !isBase,
        };
    }

    /// <summary>Takes the entries.</summary>
    public ITarSink Entries => _writer;

    /// <summary>Ends the tree of a layer that was verified.</summary>
    /// <returns>Directories that the layer needs and does not have itself.</returns>
    public IReadOnlyList<byte[]> Finish()
    {
        _writer.Finish();
        return [.. _writer.ImpliedDirectories];
    }

    public void Dispose()
    {
        _writer.Dispose();
        _root.Dispose();
    }
}
