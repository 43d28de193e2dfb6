using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>An image in a registry. Manifest and config are loaded; layers are fetched while they are read.</summary>
[SupportedOSPlatform("linux")]
public sealed class RegistryImageSource : IImageSource
{
    // An index may refer to another index. More levels than this are not in use.
    private const int IndexDepthMax = 4;

    private readonly RegistryRepository _repository;

    private readonly Manifest _named;

    private RegistryImageSource(
        RegistryRepository repository, ImageReference reference, Manifest named, ImageManifest manifest, ImageConfig config)
    {
        _repository = repository;
        _named = named;
        Reference = reference;
        Manifest = manifest;
        Config = config;
    }

    /// <summary>The requested name, with its tag or digest.</summary>
    public ImageReference Reference { get; }

    /// <summary>The digest that this name refers to; the digest of the index if the image was chosen from
    /// one.</summary>
    public Digest Digest => Reference.Digest ?? _named.Digest;

    /// <inheritdoc/>
    public ImageConfig Config { get; }

    /// <inheritdoc/>
    public ImageManifest Manifest { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageLayer> Layers => field ??= ImageLayers.Of(
        Config, Manifest, (_, diffId, blob) => new RegistryLayer(_repository, diffId, blob!));

    /// <summary>The name with its tag; none if it was requested by digest.</summary>
    public IReadOnlyList<ImageReference> Names => Reference.Digest is null ? [Reference] : [];

    /// <summary>Whether content came from mirrors of the registry. Bytes that turned out to be wrong then need not be the
    /// registry's: layers that are opened again come from there.</summary>
    public bool HasUsedMirrors => _repository.HasUsedMirrors;

    /// <inheritdoc/>
    public string Repository => _repository.Name;

    /// <inheritdoc/>
    public Digest? Parent => null;

    /// <summary>The manifest, and the index it was chosen from, if any.</summary>
    public IEnumerable<Manifest> Documents => _named.Digest == Manifest.Digest ? [_named] : [_named, Manifest];

    string? IImageSource.Repository => Repository;

    ImageManifest? IImageSource.Manifest => Manifest;

    /// <summary>Fetches manifest and config of an image.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">Its name; without tag and digest, the tag is <c>latest</c>.</param>
    /// <param name="platform">The image to choose from an index; the one for this machine when null.</param>
    /// <param name="limits">Limits on documents.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="RegistryException">The registry does not have it, has it only for other platforms, or refuses
    /// the request.</exception>
    /// <exception cref="MalformedDataException">The manifest or config is malformed, or is not that of an
    /// image.</exception>
    /// <exception cref="DigestMismatchException">The registry sent a document with another digest.</exception>
    public static Task<RegistryImageSource> OpenAsync(
        RegistryClient client,
        ImageReference reference,
        Platform? platform = null,
        Limits? limits = null,
        CancellationToken cancellationToken = default) =>
        OpenAsync(client, reference, platform, limits, _ => null, cancellationToken);

    /// <summary>Fetches manifest and config of an image, unless the config is known already.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">Its name; without tag and digest, the tag is <c>latest</c>.</param>
    /// <param name="platform">The image to choose from an index; the one for this machine when null.</param>
    /// <param name="limits">Limits on documents.</param>
    /// <param name="known">Returns a known config by its digest; null when it has to be fetched.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="RegistryException">The registry does not have it, has it only for other platforms, or refuses
    /// the request.</exception>
    /// <exception cref="MalformedDataException">The manifest or config is malformed, or is not that of an
    /// image.</exception>
    /// <exception cref="DigestMismatchException">The registry sent a document with another digest.</exception>
    public static async Task<RegistryImageSource> OpenAsync(
        RegistryClient client,
        ImageReference reference,
        Platform? platform,
        Limits? limits,
        Func<Digest, ImageConfig?> known,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(known);
        reference = reference.WithDefaultTag();
        RegistryRepository repository = client.Repository(reference);
        Manifest named = await repository.GetManifestAsync(reference, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(repository, reference, named, platform, limits, known, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches the config of an image whose manifest or index was fetched already.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">Its name; without tag and digest, the tag is <c>latest</c>.</param>
    /// <param name="named">What the name refers to.</param>
    /// <param name="platform">The image to choose from an index; the one for this machine when null.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="RegistryException">The registry does not have it, has it only for other platforms, or refuses
    /// the request.</exception>
    /// <exception cref="MalformedDataException">The manifest or config is malformed, or is not that of an
    /// image.</exception>
    public static Task<RegistryImageSource> OpenAsync(
        RegistryClient client,
        ImageReference reference,
        Manifest named,
        Platform? platform = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(named);
        reference = reference.WithDefaultTag();
        return OpenAsync(client.Repository(reference), reference, named, platform, null, _ => null, cancellationToken);
    }

    private static async Task<RegistryImageSource> OpenAsync(
        RegistryRepository repository,
        ImageReference reference,
        Manifest named,
        Platform? platform,
        Limits? limits,
        Func<Digest, ImageConfig?> known,
        CancellationToken cancellationToken)
    {
        (ImageManifest manifest, bool isChosen) =
            await ChooseAsync(repository, reference, named, platform ?? Platform.Current, cancellationToken).ConfigureAwait(false);
        manifest = await repository.WithSizesAsync(manifest, cancellationToken).ConfigureAwait(false);
        ImageConfig? config = known(manifest.Config.Digest);
        if (config is null)
        {
            byte[] json = await repository.ReadBlobAsync(manifest.Config, cancellationToken).ConfigureAwait(false);
            config = ErrorContext.Run($"{reference}", () => ImageOf(manifest, json, limits));
        }

        // If no index states the platform, the config does.
        if (platform is not null && !isChosen && !platform.AcceptsConfig(config.Platform))
        {
            throw NotFor(reference, platform, $"only for {config.Platform}");
        }

        return new RegistryImageSource(repository, reference, named, manifest, config);
    }

    private static async Task<(ImageManifest Manifest, bool IsChosen)> ChooseAsync(
        RegistryRepository repository, ImageReference reference, Manifest named, Platform platform, CancellationToken cancellationToken)
    {
        bool isChosen = false;
        for (int depth = 0; depth <= IndexDepthMax; depth++)
        {
            if (named is not ImageIndex index)
            {
                return ((ImageManifest)named, isChosen);
            }

            Descriptor chosen = index.For(platform)
                ?? throw NotFor(reference, platform, PlatformChoice.Describe(index.Manifests));
            if (!chosen.IsManifest)
            {
                throw new RegistryException(
                    null, [], $"{reference}: is not an image, but an index of other things, the first of type {chosen.MediaType}");
            }

            isChosen |= chosen.Platform is not null;
            named = await repository.GetManifestAsync(chosen.Digest, cancellationToken).ConfigureAwait(false);
        }

        throw new MalformedDataException(
            Fault.ManifestSyntax, 0, $"{reference}: is an index of indexes, more than {IndexDepthMax} deep");
    }

    // Docker ignores the config's media type and parses it anyway. Here, the media type is used only to report an
    // artifact.
    private static ImageConfig ImageOf(ImageManifest manifest, byte[] json, Limits? limits)
    {
        try
        {
            return ImageConfig.Parse(json, limits);
        }
        catch (MalformedDataException) when (!manifest.IsImage)
        {
            string type = Printable.Quote(Encoding.UTF8.GetBytes(Artifact.TypeOf(manifest)));
            throw new MalformedDataException(Fault.ManifestSyntax, 0, $"is an artifact of type {type}, not an image");
        }
    }

    private static RegistryException NotFor(ImageReference reference, Platform platform, string offered) =>
        new(null, [], $"{reference}: there is no image for {platform}, {offered}");
}
