using System.Runtime.CompilerServices;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Storage;

/// <content>What there is: tags, repositories, referrers.</content>
public sealed partial class RegistryStore
{
    // Deeper names do not fit into 255 characters.
    private const int DepthMax = RepositoryName.LengthMax / 2;

    /// <summary>Tags of a repository; null when there is no such repository.</summary>
    public async ValueTask<RegistryNames?> ListTagsAsync(
        string repository, RegistryPage page = default, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        IReadOnlyList<string> folders =
            await _storage.ListAsync(RegistryPaths.Tags(repository), cancellationToken).ConfigureAwait(false);
        if (folders.Count == 0
            && (await _storage.ListAsync(RegistryPaths.Manifests(repository), cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return null;
        }

        int countMax = page.Count ?? int.MaxValue;
        var tags = new List<string>();
        for (int i = StartOf(folders, page.After); i < folders.Count; i++)
        {
            // A tag whose push was cut off has a folder, and no meaning.
            string current = TagName.IsValid(folders[i]) ? RegistryPaths.Current(repository, folders[i]) : "";
            if (current.Length == 0 || await _storage.FindAsync(current, cancellationToken).ConfigureAwait(false) is null)
            {
                continue;
            }

            if (tags.Count == countMax)
            {
                return new RegistryNames(tags, HasMore: true);
            }

            tags.Add(folders[i]);
        }

        return new RegistryNames(tags, HasMore: false);
    }

    /// <summary>All repositories that a manifest ever came into.</summary>
    public async ValueTask<RegistryNames> ListRepositoriesAsync(
        RegistryPage page = default, CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        await foreach (string name in RepositoriesAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(name);
        }

        names.Sort(StringComparer.Ordinal);
        int start = StartOf(names, page.After);
        int count = Math.Min(page.Count ?? int.MaxValue, names.Count - start);
        return new RegistryNames(names.GetRange(start, count), HasMore: start + count < names.Count);
    }

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
        IReadOnlyList<string> revisions = await _storage
            .ListAsync($"{RegistryPaths.Revisions(repository)}/sha256", cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Descriptor> known = await _referrers
            .FindAsync(repository, revisions, subject, digest => SeenManifestAsync(repository, digest, cancellationToken))
            .ConfigureAwait(false);
        var listed = new List<Descriptor>();
        foreach (Descriptor referrer in known)
        {
            string link = RegistryPaths.Revision(repository, referrer.Digest);
            if ((artifactType is null || referrer.ArtifactType == artifactType)
                && await _storage.FindAsync(link, cancellationToken).ConfigureAwait(false) is not null)
            {
                listed.Add(referrer);
            }
        }

        return ManifestWriter.Index(MediaTypes.OciIndex, listed);
    }

    /// <summary>Names of all repositories that have manifests, in no order.</summary>
    internal IAsyncEnumerable<string> RepositoriesAsync(CancellationToken cancellationToken) =>
        FoldersWithAsync(RegistryPaths.ManifestsFolder, cancellationToken);

    /// <summary>Names of all repositories that have blobs or manifests, in no order.</summary>
    internal async IAsyncEnumerable<string> HoldingRepositoriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string wanted in (string[])[RegistryPaths.ManifestsFolder, RegistryPaths.LayersFolder])
        {
            await foreach (string name in FoldersWithAsync(wanted, cancellationToken).ConfigureAwait(false))
            {
                if (seen.Add(name))
                {
                    yield return name;
                }
            }
        }
    }

    /// <summary>Names of all repositories that have or had uploads, in no order.</summary>
    internal IAsyncEnumerable<string> UploadingRepositoriesAsync(CancellationToken cancellationToken) =>
        FoldersWithAsync(RegistryPaths.UploadsFolder, cancellationToken);

    private async IAsyncEnumerable<string> FoldersWithAsync(
        string wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = new Stack<(string Name, int Depth)>();
        folders.Push(("", 0));
        while (folders.TryPop(out (string Name, int Depth) folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string key = folder.Depth == 0 ? RegistryPaths.Repositories : RegistryPaths.Repository(folder.Name);
            foreach (string child in await _storage.ListAsync(key, cancellationToken).ConfigureAwait(false))
            {
                if (child == wanted && folder.Depth > 0)
                {
                    yield return folder.Name;
                }

                if (RepositoryName.IsValid(child) && folder.Depth < DepthMax)
                {
                    folders.Push((folder.Depth == 0 ? child : $"{folder.Name}/{child}", folder.Depth + 1));
                }
            }
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
            // One that is damaged is about nothing.
            return null;
        }
    }

    // Index of the first name after one that need not be there.
    private static int StartOf(IReadOnlyList<string> sorted, string? after)
    {
        int low = 0;
        int high = after is null ? 0 : sorted.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(sorted[middle], after) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
