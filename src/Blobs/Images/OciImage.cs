using System.Collections.Immutable;
using Blobs.Images.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>
/// An image as a value: a config, annotations, and layers that exist somewhere or are yet to be made. Nothing is read or
/// written until <see cref="SendAsync"/>. Changes give a new image; members of config and manifest that they do not
/// concern keep their bytes and their position, known or not.
/// </summary>
public sealed partial record OciImage
{
    private static readonly byte[] Empty =
        """{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();

    private readonly ImageConfig _origin;
    private readonly ImageManifest? _manifest;
    private readonly ImmutableArray<Part> _parts;

    // Configs that entries of the history come from.
    private readonly ImmutableArray<ImageConfig> _sources = [];

    private OciImage(ImageConfig origin, ImageManifest? manifest, ImmutableArray<Part> parts)
    {
        _origin = origin;
        _manifest = manifest;
        _parts = parts;
        Config = origin.Config;
        Platform = origin.Platform;
        Created = origin.Created;
        Author = origin.Author;
        History = origin.History;
        Annotations = manifest?.Annotations ?? ImmutableDictionary<string, string>.Empty;
        Format = manifest is null ? null : MediaTypes.FormatOf(manifest.MediaType);
    }

    /// <summary>How its containers run.</summary>
    public RunConfig Config { get; init; }

    /// <summary>The platform that it is for.</summary>
    public Platform Platform { get; init; }

    /// <summary>When it was made, in RFC 3339; null for no time.</summary>
    public string? Created { get; init; }

    /// <summary>Its author.</summary>
    public string? Author { get; init; }

    /// <summary>The steps of its build, oldest first; may be empty.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>Annotations of its manifest.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Format of its manifest: Docker's or OCI's. The target chooses when null, and layouts always use
    /// OCI's.</summary>
    public ManifestFormat? Format { get; init; }

    /// <summary>Number of its layers.</summary>
    public int LayerCount => _parts.Length;

    private ImmutableArray<Part> Parts
    {
        init => _parts = value;
    }

    private ImmutableArray<ImageConfig> Sources
    {
        init => _sources = value;
    }

    /// <summary>An image without layers.</summary>
    /// <param name="platform">The platform that it is for; this machine's when null.</param>
    public static OciImage Scratch(Platform? platform = null)
    {
        var draft = new ImageDraft { Platform = platform ?? Platform.Current };
        return new OciImage(draft.ToConfig(ImageConfig.Parse(Empty)), null, [])
        {
            Created = SourceDate.FromEnvironment() is { } time ? GoTime.Of(time) : null,
        };
    }

    /// <summary>An image that exists. Its layers are read from there when they are needed, so the source must stay
    /// open.</summary>
    /// <param name="source">The image.</param>
    public static OciImage From(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageLayers.Check(source);
        return new OciImage(source.Config, source.Manifest, [.. source.Layers.Select(layer => new Part(layer, null))]);
    }

    /// <summary>This image with another config of its containers.</summary>
    /// <param name="change">Gives the new config from the old.</param>
    public OciImage WithConfig(Func<RunConfig, RunConfig> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Config = change(Config) };
    }

    /// <summary>This image with an annotation set.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null removes it.</param>
    public OciImage WithAnnotation(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var annotations = new Dictionary<string, string>(Annotations);
        annotations.Remove(name);
        if (value is not null)
        {
            annotations.Add(name, value);
        }

        return this with { Annotations = annotations };
    }

    /// <summary>This image, made at another time.</summary>
    /// <param name="time">The time.</param>
    public OciImage WithCreated(DateTimeOffset time) => this with { Created = GoTime.Of(time) };

    /// <summary>This image with a new layer on top.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="step">Its entry in the history; one that says what made the layer when null.</param>
    public OciImage Append(NewLayer layer, HistoryEntry? step = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Append(new Part(null, layer), step ?? new HistoryEntry { CreatedBy = layer.CreatedBy });
    }

    /// <summary>This image with a layer of another image on top.</summary>
    /// <param name="layer">The layer; its source must stay open.</param>
    /// <param name="step">Its entry in the history; an empty one when null.</param>
    public OciImage Append(ImageLayer layer, HistoryEntry? step = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Append(new Part(layer, null), step ?? new HistoryEntry());
    }

    // A history that does not tell of every layer is left alone: an entry more would tell of the wrong one.
    private OciImage Append(Part part, HistoryEntry step)
    {
        bool isComplete = History.Count(one => !one.EmptyLayer) == _parts.Length;
        return this with
        {
            Parts = _parts.Add(part),
            History = isComplete ? [.. History, step with { Created = step.Created ?? Created }] : History,
        };
    }

    /// <summary>A layer that exists, or one that is yet to be made.</summary>
    private sealed record Part(ImageLayer? Known, NewLayer? New);
}
