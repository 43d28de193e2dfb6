namespace Blobs.Registry;

/// <summary>
/// A path of the distribution API, parsed from its end: <c>/v2/a/blobs/uploads/manifests/latest</c> is a manifest of the
/// repository <c>a/blobs/uploads</c>. Name and reference are not validated here.
/// </summary>
/// <param name="Kind">The endpoint.</param>
/// <param name="Name">The repository; empty where there is none.</param>
/// <param name="Reference">Tag, digest or id; empty where there is none.</param>
public readonly record struct RegistryRoute(RouteKind Kind, string Name, string Reference)
{
    /// <summary>A path that is not of the API.</summary>
    public static readonly RegistryRoute None = new(RouteKind.None, "", "");

    private const string Prefix = "/v2/";
    private const string UploadsSuffix = "/blobs/uploads";
    private const string TagsSuffix = "/tags/list";

    /// <summary>Whether the path is of a repository, and so must have a name.</summary>
    public bool HasName => Kind is not (RouteKind.None or RouteKind.Base or RouteKind.Catalog or RouteKind.Token);

    /// <summary>Parses a path; one outside <c>/v2</c> is <see cref="None"/>.</summary>
    public static RegistryRoute Parse(string path)
    {
        if (path.Length <= Prefix.Length)
        {
            return new RegistryRoute(path is "/v2" or Prefix ? RouteKind.Base : RouteKind.None, "", "");
        }

        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return None;
        }

        ReadOnlySpan<char> rest = path.AsSpan(Prefix.Length);
        if (rest[0] == '_' && !rest.Contains('/'))
        {
            RouteKind kind = rest is "_catalog" ? RouteKind.Catalog : rest is "_token" ? RouteKind.Token : RouteKind.None;
            return new RegistryRoute(kind, "", "");
        }

        if (rest.EndsWith(TagsSuffix))
        {
            return new RegistryRoute(RouteKind.Tags, rest[..^TagsSuffix.Length].ToString(), "");
        }

        // With or without the trailing slash: a redirect, as docker-registry sends it, would turn a POST into a GET.
        ReadOnlySpan<char> trimmed = rest[^1] == '/' ? rest[..^1] : rest;
        if (trimmed.EndsWith(UploadsSuffix))
        {
            return new RegistryRoute(RouteKind.Uploads, trimmed[..^UploadsSuffix.Length].ToString(), "");
        }

        int slash = rest.LastIndexOf('/');
        return slash < 0 ? None : ParseReference(rest[..slash], rest[(slash + 1)..]);
    }

    private static RegistryRoute ParseReference(ReadOnlySpan<char> front, ReadOnlySpan<char> reference)
    {
        (RouteKind kind, string suffix) =
            front.EndsWith("/manifests") ? (RouteKind.Manifest, "/manifests")
            : front.EndsWith(UploadsSuffix) ? (RouteKind.Upload, UploadsSuffix)
            : front.EndsWith("/blobs") ? (RouteKind.Blob, "/blobs")
            : front.EndsWith("/referrers") ? (RouteKind.Referrers, "/referrers")
            : (RouteKind.None, "");
        return kind == RouteKind.None || reference.IsEmpty
            ? None
            : new RegistryRoute(kind, front[..^suffix.Length].ToString(), reference.ToString());
    }
}
