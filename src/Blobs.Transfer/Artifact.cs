using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>What travels as a manifest and is no image: a chart, a signature, a file. Nobody unpacks it; its blobs and its manifest are
/// moved as they are.</summary>
/// <param name="manifest">Its manifest.</param>
/// <param name="names">What its source calls it.</param>
/// <param name="open">Opens a blob; who opens it disposes it.</param>
internal sealed class Artifact(
    ImageManifest manifest, IReadOnlyList<ImageReference> names, Func<Descriptor, CancellationToken, ValueTask<Stream>> open)
{
    public ImageManifest Manifest => manifest;

    public IReadOnlyList<ImageReference> Names => names;

    /// <summary>What a layout calls it, which need not be a name.</summary>
    public string? RefName { get; init; }

    /// <summary>What it is.</summary>
    public string Type => TypeOf(manifest);

    /// <summary>Config and layers, each once, but for those that live elsewhere.</summary>
    public IEnumerable<Descriptor> Blobs =>
        manifest.References.Where(blob => !blob.IsForeignLayer).DistinctBy(blob => blob.Digest);

    /// <summary>What a manifest is of that is no image's.</summary>
    public static string TypeOf(ImageManifest manifest) => manifest.ArtifactType is { Length: > 0 } type ? type : manifest.Config.MediaType;

    /// <summary>Opens a blob whose end is only reported once its digest and size are right.</summary>
    public async ValueTask<Stream> OpenAsync(Descriptor blob, CancellationToken cancellationToken) =>
        new VerifyingStream(await open(blob, cancellationToken).ConfigureAwait(false), blob.Digest, blob.Size);

    /// <inheritdoc/>
    public override string ToString() => $"{RefName ?? (names.Count > 0 ? names[0].Familiar : $"{manifest.Digest}")} ({Type})";
}
