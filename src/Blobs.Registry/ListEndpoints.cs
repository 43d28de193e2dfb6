using System.Globalization;
using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Oci;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>The API's base, tags, the catalog and referrers (distribution-spec, "Content Discovery").</summary>
internal sealed class ListEndpoints(RegistryStore store, RegistryOptions options)
{
    private const string Json = "application/json";
    private const int CatalogPage = 100;

    public static Task BaseAsync(HttpContext context) => Endpoint.WriteAsync(context, Json, "{}");

    public async Task TagsAsync(HttpContext context, RegistryRoute route)
    {
        if (!TryPage(context, out RegistryPage page))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.PaginationNumberInvalid).ConfigureAwait(false);
            return;
        }

        RegistryListing<string>? tags = await store.ListTagsAsync(route.Name, page, context.RequestAborted).ConfigureAwait(false);
        if (tags is null)
        {
            await ErrorResponse.WriteAsync(context, RegistryError.NameUnknown, route.Name).ConfigureAwait(false);
            return;
        }

        SetLink(context, tags, page.Count);
        await Endpoint.WriteAsync(context, Json, $"{{\"name\":\"{route.Name}\",\"tags\":[{Quoted(tags.Items)}]}}\n").ConfigureAwait(false);
    }

    public async Task CatalogAsync(HttpContext context)
    {
        if (!TryPage(context, out RegistryPage page) || page.Count > options.CatalogPageMax)
        {
            await ErrorResponse.WriteAsync(context, RegistryError.PaginationNumberInvalid).ConfigureAwait(false);
            return;
        }

        page = page with { Count = page.Count ?? Math.Min(CatalogPage, options.CatalogPageMax) };
        RegistryListing<string> names = await store.ListRepositoriesAsync(page, context.RequestAborted).ConfigureAwait(false);
        SetLink(context, names, page.Count);
        await Endpoint.WriteAsync(context, Json, $"{{\"repositories\":[{Quoted(names.Items)}]}}\n").ConfigureAwait(false);
    }

    public async Task ReferrersAsync(HttpContext context, RegistryRoute route)
    {
        if (!Endpoint.TryDigest(route.Reference, out Digest subject))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, route.Reference).ConfigureAwait(false);
            return;
        }

        string? artifactType = context.Request.Query["artifactType"] is [{ Length: > 0 } wanted] ? wanted : null;
        ImageIndex index = await store
            .ListReferrersAsync(route.Name, subject, artifactType, context.RequestAborted).ConfigureAwait(false);
        if (artifactType is not null)
        {
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        await Endpoint.WriteAsync(context, MediaTypes.OciIndex, index.Bytes).ConfigureAwait(false);
    }

    private static bool TryPage(HttpContext context, out RegistryPage page)
    {
        string? last = context.Request.Query["last"] is [{ Length: > 0 } text] ? text : null;
        page = new RegistryPage(null, last);
        if (context.Request.Query["n"] is not [{ Length: > 0 } number])
        {
            return true;
        }

        bool isNumber = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        page = page with { Count = count };
        return isNumber;
    }

    // Relative to the requested address; sent only when there is another page (distribution-spec, "Listing Tags").
    private static void SetLink(HttpContext context, RegistryListing<string> names, int? count)
    {
        if (names is { HasMore: true, Items.Count: > 0 })
        {
            string last = Uri.EscapeDataString(names.Items[^1]);
            string path = Endpoint.Location(context, context.Request.Path);
            context.Response.Headers.Link = $"<{path}?last={last}&n={count}>; rel=\"next\"";
        }
    }

    // Names of repositories and tags contain nothing that JSON escapes.
    private static string Quoted(IReadOnlyList<string> names)
    {
        var text = new StringBuilder(names.Count * 16);
        foreach (string name in names)
        {
            text.Append(text.Length == 0 ? "\"" : ",\"").Append(name).Append('"');
        }

        return text.ToString();
    }
}
