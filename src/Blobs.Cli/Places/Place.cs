using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>
/// A place as a user types it, and the path in it: <c>oci:DIR:TAG:/etc</c>, <c>docker://alpine</c>, <c>alpine:3.20:/etc</c>,
/// <c>container:web</c>, <c>layer:sha256:…</c>. Behind the prefix, the path begins at the first <c>:/</c>.
/// </summary>
/// <param name="Kind">What it names.</param>
/// <param name="Name">The name in the data root; empty for an image anywhere else.</param>
/// <param name="Image">Where an image outside the data root is; null for the other kinds.</param>
/// <param name="Path">The path, with its leading slash; null when none was given.</param>
internal sealed record Place(PlaceKind Kind, string Name, ImagePlace? Image, string? Path)
{
    /// <summary>The forms, for the help.</summary>
    public const string Forms = "a name in the data root, docker-data:ROOT//NAME, containers-storage:[ROOT//]NAME, "
        + "containerd:[NAMESPACE//]NAME, docker-archive:FILE[:NAME], oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker://NAME";

    private const string ContainerPrefix = "container:";
    private const string LayerPrefix = "layer:";
    private const string PathMark = ":/";

    /// <summary>Parses a place.</summary>
    /// <param name="text">What the user typed.</param>
    /// <param name="plain">What a name without a transport means.</param>
    /// <param name="takesPath">Whether a path may follow.</param>
    /// <param name="isTarget">Whether something is written there, so that it need not have images to read.</param>
    /// <exception cref="MalformedDataException">It does not have this form.</exception>
    public static Place Parse(
        string text, PlainName plain = PlainName.InRoot, bool takesPath = true, bool isTarget = false)
    {
        string prefix = PrefixOf(text);
        int mark = text.IndexOf(PathMark, prefix.Length, StringComparison.Ordinal);
        string? path = mark < 0 ? null : text[(mark + 1)..];
        string place = mark < 0 ? text : text[..mark];
        string name = place[prefix.Length..];
        if (path is not null && !takesPath)
        {
            throw Refused($"'{text}': name the image without a path");
        }

        return prefix switch
        {
            ContainerPrefix or LayerPrefix => new Place(
                prefix == LayerPrefix ? PlaceKind.Layer : PlaceKind.Container, NotEmpty(name, text, prefix), null, path),
            "" when plain == PlainName.InRoot => new Place(PlaceKind.RootImage, Valid(name), null, path),
            "" => new Place(PlaceKind.Image, "", new ImagePlace(ImageTransport.Registry, "", Valid(name)), path),
            _ => new Place(PlaceKind.Image, "", Checked(ImagePlace.Parse(place), isTarget), path),
        };
    }

    /// <summary>Whether a text has the form of a container or a layer.</summary>
    public static bool IsContainerOrLayer(string text) =>
        text.StartsWith(ContainerPrefix, StringComparison.Ordinal) || text.StartsWith(LayerPrefix, StringComparison.Ordinal);

    /// <summary>Where the image is.</summary>
    /// <param name="root">The data root or store that a plain name refers to.</param>
    /// <exception cref="WorkFailedException">It names a container or a layer.</exception>
    public ImagePlace ImageIn(Func<ImagePlace> root) => Kind switch
    {
        PlaceKind.Image => Image!,
        PlaceKind.RootImage => root() with { Name = Name },
        _ => throw new WorkFailedException($"{this}: an image is needed here"),
    };

    /// <summary>The place, without the path.</summary>
    public override string ToString() => Kind switch
    {
        PlaceKind.Image => $"{Image}",
        PlaceKind.Container => ContainerPrefix + Name,
        PlaceKind.Layer => LayerPrefix + Name,
        _ => Name,
    };

    private static string PrefixOf(string text) =>
        ImagePlace.Prefixes.Append(ContainerPrefix).Append(LayerPrefix)
            .FirstOrDefault(prefix => text.StartsWith(prefix, StringComparison.Ordinal)) ?? "";

    // Names in an OCI layout are free-form.
    private static ImagePlace Checked(ImagePlace image, bool isTarget)
    {
        if (image.IsTargetOnly && !isTarget)
        {
            throw Refused($"{image}: holds layers, not images; it can only be copied to");
        }

        if (image.Name is not null && image.Transport is not (ImageTransport.Oci or ImageTransport.OciArchive))
        {
            Valid(image.Name);
        }

        return image;
    }

    private static string Valid(string name) => References.FaultIn(name) is { } fault ? throw Refused(fault) : name;

    private static string NotEmpty(string name, string text, string prefix) =>
        name.Length > 0 ? name : throw Refused($"'{text}': nothing follows {prefix}");

    private static MalformedDataException Refused(string why) => new(Fault.ReferenceSyntax, 0, why);
}
