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
        IReadOnlyList<Descriptor> known = _links.FindsReferrers
            && await _links.HasAllReferrersAsync(repository, cancellationToken).ConfigureAwait(false)
                ? await RecordedReferrersAsync(repository, subject, cancellationToken).ConfigureAwait(false)
                : await LearnedReferrersAsync(repository, subject, cancellationToken).ConfigureAwait(false);
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

    private async ValueTask<IReadOnlyList<Descriptor>> RecordedReferrersAsync(
        string repository, Digest subject, CancellationToken cancellationToken)
    {
        var known = new List<Descriptor>();
        foreach (Digest digest in await ReferrersOfAsync(repository, subject, cancellationToken).ConfigureAwait(false))
        {
            StoredManifest? manifest = await SeenManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false);
            if (manifest?.Referrer is { } referrer && manifest.Subject == subject)
            {
                known.Add(referrer);
            }
        }

        return known;
    }

    // Reads every manifest of the repository once, and records what it finds where that helps later.
    private async ValueTask<IReadOnlyList<Descriptor>> LearnedReferrersAsync(
        string repository, Digest subject, CancellationToken cancellationToken)
    {
        RegistryListing<ListedReference> manifests =
            await _links.ListAsync(repository, ReferenceKind.Manifest, default, cancellationToken).ConfigureAwait(false);
        ValueTask<StoredManifest?> ReadAsync(Digest digest) => SeenManifestAsync(repository, digest, cancellationToken);
        IReadOnlyList<Descriptor> known =
            await _referrers.FindAsync(repository, manifests.Items, subject, ReadAsync).ConfigureAwait(false);
        if (_links.FindsReferrers && !_options.ReadOnly)
        {
            foreach ((Digest about, Descriptor referrer) in await _referrers.AllAsync(repository).ConfigureAwait(false))
            {
                await _links.WriteAsync(
                    RegistryReference.ToReferrer(repository, about, referrer.Digest), referrer.Digest, cancellationToken)
                    .ConfigureAwait(false);
            }

            await _links.ConfirmAllReferrersAsync(repository, cancellationToken).ConfigureAwait(false);
        }

        return known;
    }

    // The manifests that are recorded as referrers of a subject; they need not exist any more.
    private async ValueTask<IReadOnlyList<Digest>> ReferrersOfAsync(
        string repository, Digest subject, CancellationToken cancellationToken)
    {
        const int PageCount = 1000;
        var found = new List<Digest>();
        string after = $"{subject}/";
        while (true)
        {
            RegistryListing<ListedReference> listing = await _links.ListAsync(
                repository, ReferenceKind.Referrer, new RegistryPage(PageCount, after), cancellationToken).ConfigureAwait(false);
            found.AddRange(listing.Items.Select(item => item.Reference)
                .TakeWhile(reference => reference.Subject == subject)
                .Select(reference => reference.Digest));
            if (!listing.HasMore || listing.Items.Count == 0 || listing.Items[^1].Reference.Subject != subject)
            {
                return found;
            }

            after = listing.Items[^1].Reference.Name;
        }
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
