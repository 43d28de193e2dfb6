using System.Net;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <content>Deleting tags, manifests and blobs.</content>
public sealed partial class RegistryRepository
{
    private const string UnsupportedCode = "UNSUPPORTED";

    private static readonly HttpStatusCode[] Deleted = [HttpStatusCode.Accepted, HttpStatusCode.OK, HttpStatusCode.NoContent];

    /// <summary>Deletes a tag, and never its manifest: a registry that cannot delete tags refuses.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when there is no such tag.</returns>
    /// <exception cref="RegistryException">The registry refuses, or cannot delete tags.</exception>
    public Task<bool> DeleteTagAsync(string tag, CancellationToken cancellationToken = default) => TagName.IsValid(tag)
        ? DeleteAsync($"manifests/{tag}", "tags", () => HasManifestAsync(tag, cancellationToken), cancellationToken)
        : throw new ArgumentException($"'{tag}' is not a tag", nameof(tag));

    /// <summary>Deletes a manifest, and with it every tag that names it. A manifest with a subject is also removed from the
    /// index under the fallback tag, in registries that do not list referrers themselves.</summary>
    /// <param name="digest">The manifest.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when there is no such manifest.</returns>
    /// <exception cref="RegistryException">The registry refuses, or cannot delete manifests.</exception>
    public async Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? subject = await SubjectOfAsync(digest, cancellationToken).ConfigureAwait(false);
        bool isDeleted = await DeleteAsync(
            $"manifests/{digest}", "manifests", () => HasManifestAsync($"{digest}", cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        if (isDeleted && subject is { } referred && !await ListsReferrersAsync(referred, cancellationToken).ConfigureAwait(false))
        {
            await EditFallbackAsync(referred, digest, null, cancellationToken).ConfigureAwait(false);
        }

        return isDeleted;
    }

    /// <summary>Deletes a blob. Manifests that need it stay, and are broken.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when there is no such blob.</returns>
    /// <exception cref="RegistryException">The registry refuses, or cannot delete blobs.</exception>
    public Task<bool> DeleteBlobAsync(Digest digest, CancellationToken cancellationToken = default) => DeleteAsync(
        $"blobs/{digest}", "blobs", () => HasBlobAsync(digest, cancellationToken), cancellationToken);

    // A 404 alone does not tell "there is none" from "this cannot be deleted", nor, when the answer to an earlier attempt
    // was lost, from "it is deleted". So the content is looked for before and after.
    private async Task<bool> DeleteAsync(string path, string kind, Func<Task<bool>> exists, CancellationToken cancellationToken)
    {
        if (!await exists().ConfigureAwait(false))
        {
            return false;
        }

        Uri address = await ResolveAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            using HttpResponseMessage response = await _connection.SendAsync(
                new RegistryRequest(HttpMethod.Delete, address, _delete), cancellationToken, Deleted).ConfigureAwait(false);
            return true;
        }
        catch (RegistryException refusal) when (MeansUnsupported(refusal))
        {
            throw new RegistryException(
                refusal.Status, refusal.Codes, $"{refusal.Message}; the registry does not delete {kind}, nothing was deleted", refusal);
        }
        catch (RegistryException absent) when (absent.Status == (int)HttpStatusCode.NotFound)
        {
            return !await exists().ConfigureAwait(false) ? true : throw new RegistryException(
                absent.Status, absent.Codes, $"{absent.Message}; it is still there: the registry does not delete {kind}", absent);
        }
    }

    // The specification names 400 and 405 for registries where deletion is disabled.
    private static bool MeansUnsupported(RegistryException refusal) => refusal.Codes.Contains(UnsupportedCode)
        || (HttpStatusCode?)refusal.Status is HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;

    private async Task<bool> HasManifestAsync(string reference, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"manifests/{reference}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Head, address, _pull) { Accept = MediaTypes.Manifests };
        using HttpResponseMessage response = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.OK, HttpStatusCode.NotFound).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.OK;
    }

    // A document that cannot be read has no subject that anyone could know of; it can still be deleted.
    private async Task<Digest?> SubjectOfAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return (await TryFetchAsync($"{digest}", digest, cancellationToken).ConfigureAwait(false))?.Subject?.Digest;
        }
        catch (BlobsException fault) when (fault is MalformedDataException or DigestMismatchException or LimitExceededException)
        {
            return null;
        }
    }
}
