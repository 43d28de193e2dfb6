using Blobs.Errors;

namespace Blobs.Containerd;

/// <summary>Options for a containerd.</summary>
public sealed record ContainerdOptions
{
    /// <summary>The snapshotter that layers are unpacked for; <c>overlayfs</c>, which is containerd's own default.</summary>
    public string Snapshotter { get; init; } = "overlayfs";

    /// <summary>Whether layers are only unpacked, and their blobs not kept, as with CRI's <c>discard_unpacked_layers</c>. Such an
    /// image can be run, but not pushed or exported.</summary>
    public bool DiscardsLayerBlobs { get; init; }

    /// <summary>Whether layers' blobs are put into containerd's own directory, where that can be reached, instead of through
    /// its API. containerd then neither hashes nor copies them again.</summary>
    public bool WritesContentDirectly { get; init; }

    /// <summary>Whether each layer's tree is flushed to disk before it becomes a snapshot. containerd itself does not do that
    /// for trees, only for content.</summary>
    public bool SyncsTrees { get; init; }

    /// <summary>Whether the disk is made to write while layers are read, where containerd's directory can be seen. containerd
    /// flushes each blob before it takes it, and would else have most of the image to write at the end.</summary>
    public bool FlushesEarly { get; init; } = true;

    /// <summary>Limits on untrusted input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
