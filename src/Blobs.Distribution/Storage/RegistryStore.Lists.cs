using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <content>Lists of tags, repositories and referrers.</content>
public sealed partial class RegistryStore
{
    /// <summary>Lists the tags of a repository; null when the repository does not exist.</summary>
    public async ValueTask<RegistryListing<string>?> ListTagsAsync(
        string repository, RegistryPage page = default, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        RegistryListing<ListedReference> tags =
            await _links.ListAsync(repository, ReferenceKind.Tag, page, cancellationToken).ConfigureAwait(false);
        return tags.Items.Count == 0 && !await _links.HasRepositoryAsync(repository, cancellationToken).ConfigureAwait(false)
            ? null
            : new RegistryListing<string>([.. tags.Items.Select(item => item.Reference.Tag)], tags.HasMore);
    }

    /// <summary>Lists all repositories that have, or once had, a manifest.</summary>
    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        RegistryPage page = default, CancellationToken cancellationToken = default) =>
        _links.ListRepositoriesAsync(ReferenceKind.Manifest, page, cancellationToken);

    /// <summary>
    /// Lists the manifests of a repository that have a given subject, as an index (distribution-spec, "Listing
    /// Referrers"). The index is empty when there are none, and also when the subject does not exist.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">The digest of the subject.</param>
    /// <param name="artifactType">Lists only manifests of this type; null for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<ImageIndex> ListReferrersAsync(
        string repository, Digest subject, string? artifactType = null, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        RegistryListing<ListedReference> manifests =
            await _links.ListAsync(repository, ReferenceKind.Manifest, default, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Descriptor> known = await _referrers
            .FindAsync(repository, manifests.Items, subject, digest => SeenManifestAsync(repository, digest, cancellationToken))
            .ConfigureAwait(false);
        var listed = new List<Descriptor>();
        foreach (Descriptor referrer in known)
        {
            var link = RegistryReference.ToManifest(repository, referrer.Digest);
            if ((artifactType is null || referrer.ArtifactType == artifactType)
                && await _links.ReadAsync(link, cancellationToken).ConfigureAwait(false) is not null)
            {
                listed.Add(referrer);
            }
        }

        return ManifestWriter.Index(MediaTypes.OciIndex, listed);
    }

    private async ValueTask<StoredManifest?> SeenManifestAsync(
        string repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await FindManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        }
        catch (Errors.StoreException)
        {
            // A damaged manifest has no subject.
            return null;
        }
    }
}
