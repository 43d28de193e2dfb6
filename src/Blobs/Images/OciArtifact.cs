using System.Collections.Immutable;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>An artifact as a value: files of any type under one manifest, which may refer to another manifest.</summary>
/// <param name="type">Its artifact type, a media type.</param>
public sealed record OciArtifact(string type)
{
    /// <summary>Its artifact type.</summary>
    public string ArtifactType { get; init; } = type;

    /// <summary>Its files.</summary>
    public IReadOnlyList<ArtifactFile> Files { get; init; } = [];

    /// <summary>The manifest that it refers to; null for none.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>Annotations of its manifest.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>This artifact with a file more.</summary>
    public OciArtifact Add(ArtifactFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return this with { Files = [.. Files, file] };
    }

    /// <summary>Its manifest: the same bytes for the same content.</summary>
    public ImageManifest ToManifest() =>
        ManifestWriter.Artifact(ArtifactType, [.. Files.Select(file => file.Descriptor)], Subject, Annotations);
}
