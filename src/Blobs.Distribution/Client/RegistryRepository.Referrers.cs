using System.Net;
using System.Runtime.CompilerServices;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <content>Listing referrers, and keeping them in registries that do not list them.</content>
public sealed partial class RegistryRepository
{
    private static readonly HttpStatusCode[] NoReferrers = [HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed];

    /// <summary>Lists manifests that have a given subject, such as signatures and attestations (OCI distribution-spec,
    /// "Listing Referrers"). On registries without this endpoint the fallback tag is read.</summary>
    /// <param name="subject">The manifest that they refer to.</param>
    /// <param name="artifactType">Lists only this artifact type; all when null.</param>
    /// <param name="cancellationToken">Cancels the list.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async IAsyncEnumerable<Descriptor> ReferrersAsync(
        Digest subject, string? artifactType = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string query = artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}";
        await foreach (ImageIndex page in ReferrerPagesAsync(subject, query, cancellationToken).ConfigureAwait(false))
        {
            // Registries need not support the filter.
            foreach (Descriptor referrer in page.Manifests.Where(one => artifactType is null || one.ArtifactType == artifactType))
            {
                yield return referrer;
            }
        }
    }

    private async IAsyncEnumerable<ImageIndex> ReferrerPagesAsync(
        Digest subject, string query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Limits limits = _connection.Options.Limits;
        var list = new PagedList(_connection, _pull, $"{Path}/referrers/{subject}{query}")
        {
            Absent = NoReferrers,
        };
        bool isKnown = false;
        var pages = list.PagesAsync([MediaTypes.OciIndex], cancellationToken).ConfigureAwait(false);
        await foreach ((byte[] body, RegistryRequest request) in pages)
        {
            isKnown = true;
            yield return AsIndex(
                Manifest.Parse(body, MediaTypes.OciIndex, limits with { ManifestBytes = limits.RegistryAnswerBytes }), $"{request}");
        }

        if (!isKnown && await TryFetchAsync(FallbackTag(subject), null, cancellationToken).ConfigureAwait(false) is { } listed)
        {
            yield return AsIndex(listed, $"{Name}:{FallbackTag(subject)}");
        }
    }

    private async Task<bool> ListsReferrersAsync(Digest subject, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"referrers/{subject}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Get, address, _pull) { Accept = [MediaTypes.OciIndex] };
        using HttpResponseMessage response =
            await _connection.SendAsync(request, cancellationToken, [HttpStatusCode.OK, .. NoReferrers]).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.OK;
    }

    // Adds a referrer to the index under the fallback tag, or removes it when there is no descriptor. Registries offer no
    // way to change a tag on condition, so only changes of this client wait for each other.
    private async Task EditFallbackAsync(
        Digest subject, Digest referrer, Descriptor? descriptor, CancellationToken cancellationToken)
    {
        string tag = FallbackTag(subject);
        await _connection.FallbackTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ImageIndex index = await TryFetchAsync(tag, null, cancellationToken).ConfigureAwait(false) is { } found
                ? AsIndex(found, $"{Name}:{tag}")
                : ManifestWriter.Index(MediaTypes.OciIndex, []);
            bool isListed = index.Manifests.Any(one => one.Digest == referrer);
            bool isWanted = descriptor is not null;
            if (isListed != isWanted)
            {
                ImageIndex edited = ManifestEdit.Index(index, one => one.Digest != referrer, isWanted ? [descriptor!] : []);
                await PutAsync(edited, tag, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _connection.FallbackTurn.Release();
        }
    }

    // The digest with its colon replaced (distribution-spec, "Referrers Tag Schema").
    private static string FallbackTag(Digest subject)
    {
        string tag = $"{subject}".Replace(':', '-');
        return tag[..Math.Min(tag.Length, DigestText.Sha256Prefix.Length + 64)];
    }

    private static ImageIndex AsIndex(Manifest manifest, string what) => manifest as ImageIndex
        ?? throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{what}: the list of referrers is not an index");
}
