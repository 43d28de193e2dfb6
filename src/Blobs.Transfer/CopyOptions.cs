using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Files;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>How an image is to stand where it is copied to.</summary>
public sealed record CopyOptions
{
    /// <summary>How layers are compressed: see <see cref="ArchiveOptions.Compression"/>. A data root keeps trees.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>In whose words a manifest is written for a registry; as it came, else Docker's, when null.</summary>
    public ManifestFormat? Format { get; init; }

    /// <summary>Which image of an index in a registry; this machine's when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Layers that go to or come from a registry side by side, at most; as many as suit the machine when null.</summary>
    public int? LayersAtOnce { get; init; }

    /// <summary>Who talks to registries, and stays its owner's; one with the defaults when null.</summary>
    public RegistryClient? Client { get; init; }

    /// <summary>Storage driver of a data root that is copied to; the one it has layers of when null.</summary>
    public string? Driver { get; init; }

    /// <summary>What has to be on disk before a layer of a data root that is copied to becomes visible.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>How long to wait for another program that writes to the data root; for ever when null, not at all when zero.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>Told, a line each, what was left undone in a data root that is copied to, and why.</summary>
    public IProgress<string>? Notices { get; init; }
}
