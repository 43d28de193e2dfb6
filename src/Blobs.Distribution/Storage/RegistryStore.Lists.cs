using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <content>What there is: tags, repositories, referrers.</content>
public sealed partial class RegistryStore
{
    /// <summary>Tags of a repository; null when there is no such repository.</summary>
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

    /// <summary>All repositories that a manifest ever came into.</summary>
    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        RegistryPage page = default, CancellationToken cancellationToken = default) =>
        _links.ListRepositoriesAsync(ReferenceKind.Manifest, page, cancellationToken);

    /// <summary>
    /// Manifests of a repository that are about another one, as an index (distribution-spec, "Listing Referrers"); an empty index when
    /// there are none, and also when there is no such manifest.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">What they are about.</param>
    /// <param name="artifactType">Only those of this type; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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
            // One that is damaged is about nothing.
            return null;
        }
    }
}
