using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>Verifies the files of the driver overlay2 beside a layer's tree: its short name, and those of the layers
/// below.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Overlay2Checker(VerifyRun run, LayerStore store)
{
    public void Check(Layer layer)
    {
        string folder = store.Context.Paths.DriverLayer(layer.CacheId);
        if (!FilePath.IsDirectory(folder))
        {
            return;
        }

        string linkFile = RootPaths.LinkFile(folder);
        if (run.ReadLine(linkFile) is { } link)
        {
            string? target = RootPaths.IsName(link) ? FilePath.LinkTarget(store.Context.Paths.Overlay2Link(link)) : null;
            string expected = RootPaths.Overlay2LinkTarget(layer.CacheId);
            if (target != expected)
            {
                run.Find(linkFile, $"names {link}, which leads to {target ?? "nothing"}, expected {expected}");
            }
        }

        string lowerFile = RootPaths.LowerFile(folder);
        string lower = FilePath.IsFile(lowerFile) ? run.ReadLine(lowerFile) ?? "" : "";
        if (lower != LowerOf(layer))
        {
            run.Find(lowerFile, $"is '{lower}', expected '{LowerOf(layer)}'");
        }

        string committed = RootPaths.CommittedFile(folder);
        if (FilePath.IsFile(committed) && new FileInfo(committed).Length > 0)
        {
            run.Find(committed, "is not empty");
        }

        foreach (string path in DirectoryList.Entries(folder))
        {
            if (Path.GetFileName(path) is not ("diff" or "link" or "lower" or "work" or "merged" or "committed"))
            {
                run.LeaveUnread(path, "is not a file of a layer");
            }
        }
    }

    private string LowerOf(Layer layer)
    {
        var lowers = new List<string>();
        for (Layer? below = Parent(layer); below is not null; below = Parent(below))
        {
            string file = RootPaths.LinkFile(store.Context.Paths.DriverLayer(below.CacheId));
            lowers.Add($"l/{SmallFile.TryReadText(file)}");
        }

        return string.Join(':', lowers);
    }

    private Layer? Parent(Layer layer) => layer.Parent is { } parent ? store.TryGet(parent) : null;
}
