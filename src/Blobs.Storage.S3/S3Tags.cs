using Blobs.Distribution.Storage;
using Blobs.Oci;

namespace Blobs.Storage.S3;

/// <summary>
/// Lists tags in the order of their names, which is not that of their keys: a slash follows the tag in a key, and it is
/// greater than <c>-</c> and <c>.</c>, so that <c>v1-rc/</c> comes before <c>v1/</c>. A tag that is the beginning of
/// another, up to such a character, therefore belongs in front of it, and is looked up when the other one comes.
/// </summary>
internal sealed class S3Tags(S3Client client, S3Keys keys)
{
    public async ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, RegistryPage page, CancellationToken cancellationToken)
    {
        // A comma is smaller than every character of a tag.
        string folder = keys.Tags(repository);
        string? after = page.After is { } last ? $"{folder}{last}," : null;
        TagPage first = await ReadAsync(repository, after, cancellationToken).ConfigureAwait(false);
        return page.Count is { } countMax && first.Next is not null
            ? await ListSomeAsync(repository, first, page.After, countMax, cancellationToken).ConfigureAwait(false)
            : await ListAllAsync(repository, first, page, cancellationToken).ConfigureAwait(false);
    }

    // Most repositories have few tags, and most callers want all of them: then they are sorted here.
    private async ValueTask<RegistryListing<ListedReference>> ListAllAsync(
        string repository, TagPage first, RegistryPage page, CancellationToken cancellationToken)
    {
        List<ListedReference> all = first.Tags;
        for (string? next = first.Next; next is not null;)
        {
            TagPage more = await ReadAsync(repository, next, cancellationToken).ConfigureAwait(false);
            all.AddRange(more.Tags);
            next = more.Next;
        }

        all.Sort(static (left, right) => string.CompareOrdinal(left.Reference.Tag, right.Reference.Tag));
        return page.Of(all, static tag => tag.Reference.Tag);
    }

    private async ValueTask<RegistryListing<ListedReference>> ListSomeAsync(
        string repository, TagPage first, string? last, int countMax, CancellationToken cancellationToken)
    {
        var tags = new List<ListedReference>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (TagPage? page = first; page is not null; page = page.Next is { } next
            ? await ReadAsync(repository, next, cancellationToken).ConfigureAwait(false)
            : null)
        {
            foreach (ListedReference tag in page.Tags)
            {
                foreach (string beginning in Beginnings(tag.Reference.Tag))
                {
                    if (IsAfter(beginning, last) && known.Add(beginning)
                        && await FindAsync(repository, beginning, cancellationToken).ConfigureAwait(false) is { } found)
                    {
                        tags.Add(found);
                    }
                }

                if (IsAfter(tag.Reference.Tag, last) && known.Add(tag.Reference.Tag))
                {
                    tags.Add(tag);
                }

                if (tags.Count > countMax)
                {
                    return new RegistryListing<ListedReference>(tags[..countMax], HasMore: true);
                }
            }
        }

        return new RegistryListing<ListedReference>(tags, HasMore: false);
    }

    private static bool IsAfter(string tag, string? last) => last is null || string.CompareOrdinal(tag, last) > 0;

    // The shortest first, as names are ordered.
    private static IEnumerable<string> Beginnings(string tag) =>
        Enumerable.Range(1, tag.Length - 1).Where(end => tag[end] is '-' or '.').Select(end => tag[..end]);

    private async ValueTask<ListedReference?> FindAsync(string repository, string tag, CancellationToken cancellationToken)
    {
        if (!TagName.IsValid(tag))
        {
            return null;
        }

        var reference = RegistryReference.OfTag(repository, tag);
        S3Stat? found = await client.StatAsync(keys.Of(reference), cancellationToken).ConfigureAwait(false);
        return found is { } stat ? new ListedReference(reference, stat.ChangedAt) : null;
    }

    // In the order of keys. A tag's own link comes before its history; the rest of a long history is skipped.
    private async ValueTask<TagPage> ReadAsync(string repository, string? after, CancellationToken cancellationToken)
    {
        string folder = keys.Tags(repository);
        S3Page page = await client.ListPageAsync(new S3ListRequest(folder, after), cancellationToken).ConfigureAwait(false);
        var tags = new List<ListedReference>();
        string[] parts = [];
        foreach (S3Entry entry in page.Objects)
        {
            parts = entry.Key[folder.Length..].Split('/');
            if (parts is [var tag, "current", RegistryPaths.Link] && TagName.IsValid(tag))
            {
                tags.Add(new ListedReference(RegistryReference.OfTag(repository, tag), entry.ChangedAt));
            }
        }

        // A zero is the character after a slash.
        string? next = page.Next is null ? null
            : parts is [var historical, "index", ..] ? $"{folder}{historical}/index0"
            : page.Objects[^1].Key;
        return new TagPage(tags, next);
    }

    private sealed record TagPage(List<ListedReference> Tags, string? Next);
}
