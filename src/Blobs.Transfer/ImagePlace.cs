using Blobs.Errors;

namespace Blobs.Transfer;

/// <summary>The place of one image, as a user types it: <c>TRANSPORT:PATH:NAME</c>.</summary>
/// <param name="Transport">The kind of place.</param>
/// <param name="Path">The root, folder, file, or namespace of containerd; empty for a registry. <c>-</c> is standard output, for
/// an archive.</param>
/// <param name="Name">The image's name there; null for the only image of a source, or to keep the names at a
/// target.</param>
public sealed record ImagePlace(ImageTransport Transport, string Path, string? Name)
{
    private static readonly (string Prefix, ImageTransport Transport)[] Transports =
    [
        ("docker-data:", ImageTransport.DockerData),
        ("containers-storage:", ImageTransport.ContainersStorage),
        ("containerd:", ImageTransport.Containerd),
        ("docker-archive:", ImageTransport.DockerArchive),
        ("oci-archive:", ImageTransport.OciArchive),
        ("oci:", ImageTransport.Oci),
        ("docker://", ImageTransport.Registry),
        ("erofs:", ImageTransport.Erofs),
    ];

    /// <summary>What a place begins with, one prefix for each transport.</summary>
    public static IReadOnlyList<string> Prefixes { get; } = [.. Transports.Select(item => item.Prefix)];

    /// <summary>The socket of the containerd that the place is in; the usual one when null. Other places have none.</summary>
    public string? Address { get; init; }

    /// <summary>What a place begins with that holds many images under their own names, or layers: see
    /// <see cref="ParseStore"/>.</summary>
    public static IReadOnlyList<string> Stores { get; } =
    [
        .. Transports.Where(item => new ImagePlace(item.Transport, "", null) is { IsStore: true } or { IsTargetOnly: true })
            .Select(item => item.Prefix),
    ];

    /// <summary>Whether it can only be written: it holds layers, and no images to read.</summary>
    public bool IsTargetOnly => Transport == ImageTransport.Erofs;

    /// <summary>Whether it is a store of an engine, which has many images under their own names.</summary>
    public bool IsStore => Transport is ImageTransport.DockerData or ImageTransport.ContainersStorage or ImageTransport.Containerd;

    /// <summary>Whether the place keeps manifests, and so can hold indexes, artifacts and referrers: a registry, or an OCI
    /// layout.</summary>
    public bool KeepsManifests => Transport is ImageTransport.Registry or ImageTransport.Oci or ImageTransport.OciArchive;

    /// <summary>Parses a place.</summary>
    /// <exception cref="MalformedDataException">It does not have this form.</exception>
    public static ImagePlace Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach ((string prefix, ImageTransport transport) in Transports)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return Split(transport, text[prefix.Length..], text) is { } place && (place.Path.Length > 0 || place.Name is not null)
                    ? place
                    : throw Refused(text, $"nothing follows {prefix}");
            }
        }

        throw Refused(text, $"expected one of {string.Join(", ", Prefixes)}");
    }

    /// <summary>Parses a place that images are stored in, without the name of one: <c>docker-data:ROOT</c>,
    /// <c>containers-storage:[ROOT]</c>, <c>containerd:[NAMESPACE]</c>, <c>erofs:DIR</c>.</summary>
    /// <exception cref="MalformedDataException">It does not have this form.</exception>
    public static ImagePlace ParseStore(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string prefix = Stores.FirstOrDefault(item => text.StartsWith(item, StringComparison.Ordinal))
            ?? throw Refused(text, $"expected one of {string.Join(", ", Stores)}");
        ImageTransport transport = Array.Find(Transports, item => item.Prefix == prefix).Transport;
        if (text == prefix && transport is ImageTransport.ContainersStorage or ImageTransport.Containerd)
        {
            return new ImagePlace(transport, "", null);
        }

        bool isWhole = transport == ImageTransport.Erofs || text == prefix
            || text.Contains("//", StringComparison.Ordinal) || text.Contains(']', StringComparison.Ordinal);
        ImagePlace place = Parse(isWhole ? text : $"{text}//");
        return place.Name is null ? place : throw Refused(text, "name the place without an image");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string prefix = Array.Find(Transports, item => item.Transport == Transport).Prefix;
        bool isStore = Transport is ImageTransport.ContainersStorage or ImageTransport.Containerd && Path.Length > 0;
        string separator = isStore || Transport == ImageTransport.DockerData ? "//" : Path.Length > 0 ? ":" : "";
        bool isNamed = Name is not null || (isStore && Transport == ImageTransport.Containerd);
        return isNamed ? prefix + Path + separator + Name : prefix + Path;
    }

    // A data root and a name are separated by two slashes, which no path needs; others by the first colon, because
    // names may contain more.
    private static ImagePlace Split(ImageTransport transport, string rest, string text)
    {
        if (transport == ImageTransport.ContainersStorage)
        {
            return SplitStore(rest) ?? throw Refused(text, "expected REF, ROOT//REF or [overlay@ROOT+RUN]REF");
        }

        if (transport == ImageTransport.Containerd)
        {
            return SplitNamespace(rest);
        }

        if (transport == ImageTransport.Registry)
        {
            return new ImagePlace(transport, "", rest.Length > 0 ? rest : null);
        }

        if (transport == ImageTransport.Erofs)
        {
            return new ImagePlace(transport, rest, null);
        }

        string separator = transport == ImageTransport.DockerData ? "//" : ":";
        int at = transport == ImageTransport.DockerData
            ? rest.LastIndexOf(separator, StringComparison.Ordinal)
            : rest.IndexOf(separator, StringComparison.Ordinal);
        string path = at < 0 ? rest : rest[..at];
        string name = at < 0 ? "" : rest[(at + separator.Length)..];
        return new ImagePlace(transport, path, name.Length > 0 ? name : null);
    }

    // REF, ROOT//REF, or as skopeo writes it: [DRIVER@ROOT+RUN]REF. Only a root begins with a slash or a dot.
    private static ImagePlace? SplitStore(string rest)
    {
        int close = rest.IndexOf(']', StringComparison.Ordinal);
        if (rest.StartsWith('['))
        {
            string store = close < 0 ? "" : rest[1..close];
            int at = store.IndexOf('@', StringComparison.Ordinal);
            string root = store[(at + 1)..].Split('+')[0];
            bool isOverlay = at < 0 || store[..at] == "overlay";
            return isOverlay && root.StartsWith('/') && !store.Contains(':') ? Place(root, rest[(close + 1)..]) : null;
        }

        int slashes = rest.LastIndexOf("//", StringComparison.Ordinal);
        return slashes >= 0 ? Place(rest[..slashes], rest[(slashes + 2)..])
            : rest.StartsWith('/') || rest.StartsWith('.') ? Place(rest, "")
            : Place("", rest);

        static ImagePlace Place(string root, string name) =>
            new(ImageTransport.ContainersStorage, root, name.Length > 0 ? name.TrimStart('@') : null);
    }

    // REF or NAMESPACE//REF. A namespace has no slash, and a name never begins with one.
    private static ImagePlace SplitNamespace(string rest)
    {
        int slashes = rest.IndexOf("//", StringComparison.Ordinal);
        string name = slashes < 0 ? rest : rest[(slashes + 2)..];
        return new ImagePlace(ImageTransport.Containerd, slashes < 0 ? "" : rest[..slashes], name.Length > 0 ? name : null);
    }

    private static MalformedDataException Refused(string text, string why) =>
        new(Fault.ReferenceSyntax, 0, $"{ArchiveDocuments.Shown(text)} is not a place of images: {why}");
}
