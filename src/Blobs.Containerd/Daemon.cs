using System.Globalization;
using Blobs.Containerd.Api;
using Blobs.Files.Internal;

namespace Blobs.Containerd;

/// <summary>What a containerd can do, and which of its files this process sees.</summary>
internal sealed class Daemon
{
    private const string SnapshotterType = "io.containerd.snapshotter.v1";
    private const string ContentType = "io.containerd.content.v1";

    // The snapshotter whose mounts we write into; any other unpacks by itself.
    private const string Overlay = "overlayfs";

    private readonly int? _process;
    private readonly bool _isOverlay;

    private Daemon(int? process, Plugin? snapshotter, Plugin? content)
    {
        _process = process;
        _isOverlay = snapshotter?.Id == Overlay;
        CanRebase = snapshotter?.Capabilities.Contains("rebase") ?? false;
        ContentRoot = content is not null && content.Exports.TryGetValue("root", out string? root) && SeesAlso(root) ? root : null;
    }

    /// <summary>Whether a snapshot can get its parent when it is committed, so that layers can be unpacked at once.</summary>
    public bool CanRebase { get; }

    /// <summary>Whether trees can be written here, as far as that is known before there is one.</summary>
    public bool MayWriteTrees => _isOverlay && CurrentUser.IsRoot && _process is not null;

    /// <summary>The directory of the content store; null when this process does not see it.</summary>
    public string? ContentRoot { get; }

    /// <summary>Asks what a containerd can do.</summary>
    /// <exception cref="ContainerdException">It has no such snapshotter.</exception>
    public static async Task<Daemon> AskAsync(ContainerdStore store, CancellationToken cancellationToken)
    {
        string snapshotter = store.Options.Snapshotter;
        var request = new PluginsRequest { Filters = { $"type=={SnapshotterType},id=={snapshotter}", $"type=={ContentType}" } };
        PluginsResponse found = await store.Services.Introspection
            .PluginsAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
        Plugin? plugin = found.Plugins.FirstOrDefault(one => one.Type == SnapshotterType && one.Id == snapshotter)
            ?? throw new ContainerdException("NotFound", $"{store.Address}: this containerd has no snapshotter {snapshotter}");
        return new Daemon(store.Daemon, plugin, found.Plugins.FirstOrDefault(one => one.Type == ContentType));
    }

    /// <summary>The directory that a new snapshot's tree goes into; null when it cannot be written here.</summary>
    public WritableTree? TryOpen(IReadOnlyList<Mount> mounts) =>
        MayWriteTrees && WritableTree.TryRead(mounts) is { } tree && SeesAlso(tree.Directory) ? tree : null;

    // The same path may be another file in containerd's mount namespace.
    private bool SeesAlso(string path)
    {
        if (_process is not { } process || !Path.IsPathFullyQualified(path))
        {
            return false;
        }

        string theirs = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/root{path}");
        return FileStatus.TryGet(path, out FileStatus own) == Errno.None
            && FileStatus.TryGet(theirs, out FileStatus other) == Errno.None
            && own.IsDirectory
            && (own.HostMajor, own.HostMinor, own.Inode) == (other.HostMajor, other.HostMinor, other.Inode);
    }
}
