using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>An image of a store, as a list shows it.</summary>
internal sealed record ListedImage
{
    /// <summary>Its id, as the engine has it.</summary>
    public required Digest Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The labels of its config.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its names.</summary>
    public required IReadOnlyList<ImageReference> Tags { get; init; }

    /// <summary>Its repositories, with the digests of its manifests.</summary>
    public required IReadOnlyList<ImageReference> Digests { get; init; }

    /// <summary>Its size in bytes, as the engine counts it.</summary>
    public required long Size { get; init; }

    /// <summary>An image with what its config says.</summary>
    public static ListedImage Of(
        Digest id, ImageConfig config, IReadOnlyList<ImageReference> tags, IReadOnlyList<ImageReference> digests, long size) => new()
        {
            Id = id,
            Created = config.CreatedTime,
            Labels = config.Config.Labels ?? new Dictionary<string, string>(),
            Tags = tags,
            Digests = digests,
            Size = size,
        };
}
