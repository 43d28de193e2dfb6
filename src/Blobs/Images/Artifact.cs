using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>A manifest that is not an image: a Helm chart, a signature, a file. Its blobs and its manifest are copied
/// unchanged.</summary>
/// <param name="manifest">Its manifest.</param>
/// <param name="names">Its names at the source.</param>
/// <param name="open">Opens a blob; the caller disposes the stream.</param>
public sealed class Artifact(
    ImageManifest manifest, IReadOnlyList<ImageReference> names, Func<Descriptor, CancellationToken, ValueTask<Stream>> open)
{
    /// <summary>Its manifest.</summary>
    public ImageManifest Manifest => manifest;

    /// <summary>Its names at the source.</summary>
    public IReadOnlyList<ImageReference> Names => names;

    /// <summary>A layout's <c>ref.name</c> for it, which need not be an image name.</summary>
    public string? RefName { get; init; }

    /// <summary>Its artifact type.</summary>
    public string Type => TypeOf(manifest);

    /// <summary>Config and layers, each once, without foreign ones.</summary>
    public IEnumerable<Descriptor> Blobs =>
        manifest.References.Where(blob => !blob.IsForeignLayer).DistinctBy(blob => blob.Digest);

    /// <summary>The artifact type of a manifest that is not an image's.</summary>
    public static string TypeOf(ImageManifest manifest) => manifest.ArtifactType is { Length: > 0 } type ? type : manifest.Config.MediaType;

    /// <summary>Opens a blob; the stream ends only after digest and size have been verified.</summary>
    public async ValueTask<Stream> OpenAsync(Descriptor blob, CancellationToken cancellationToken) =>
        new VerifyingStream(await open(blob, cancellationToken).ConfigureAwait(false), blob.Digest, blob.Size);

    /// <inheritdoc/>
    public override string ToString() => $"{RefName ?? (names.Count > 0 ? names[0].Familiar : $"{manifest.Digest}")} ({Type})";
}
