using Blobs.Compression;
using Blobs.Containerd;
using Blobs.Distribution.Client;
using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Options for copying an image.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether to copy also what refers to the manifests: referrers, and the signatures, attestations and SBOMs under
    /// cosign's tags, all unchanged. Not with a compression, a format or a platform.</summary>
    public bool WithReferrers { get; init; }

    /// <summary>How layers are compressed: see <see cref="ArchiveOptions.Compression"/>. Ignored by a data root, which
    /// keeps trees.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Manifest format for a registry; the source's when null, or Docker's if it has no manifest.</summary>
    public ManifestFormat? Format { get; init; }

    /// <summary>Which image of an index. When null, a target that keeps manifests gets the index, and others get the image for
    /// this machine.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Maximum number of layers transferred in parallel to or from a registry; a number that suits the machine
    /// when null.</summary>
    public int? LayersAtOnce { get; init; }

    /// <summary>The registry client, which the caller disposes; one with default options when null.</summary>
    public RegistryClient? Client { get; init; }

    /// <summary>The client for the target's registry, which the caller disposes, where it needs other credentials or settings than
    /// the source's; <see cref="Client"/> when null.</summary>
    public RegistryClient? TargetClient { get; init; }

    /// <summary>Storage driver of a target data root; the one its layers use when null.</summary>
    public string? Driver { get; init; }

    /// <summary>What is flushed to disk before a layer becomes visible in a target data root.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>How the EROFS images of a directory of layers store the content of files.</summary>
    public ErofsLayout ErofsLayout { get; init; }

    /// <summary>Whether the EROFS images of a directory of layers get dm-verity trees.</summary>
    public bool HasErofsVerity { get; init; }

    /// <summary>Whether a target store of podman is written as an additional image store, which every user can read and
    /// which may be mounted read-only.</summary>
    public bool IsAdditionalStore { get; init; }

    /// <summary>How layers are kept in a target containerd.</summary>
    public ContainerdOptions Containerd { get; init; } = new();

    /// <summary>How long to wait while another program writes to the data root or store; for ever when null, not at all when
    /// zero.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>Limits on what the source may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Receives a line for each thing that could not be done in a target data root, with the reason, and for the
    /// platform that was chosen from an index.</summary>
    public IProgress<string>? Notices { get; init; }

    internal RegistryClient ClientOfTarget => TargetClient ?? Client!;
}
