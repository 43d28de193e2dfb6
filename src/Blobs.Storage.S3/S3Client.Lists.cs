using System.Runtime.CompilerServices;
using Amazon.S3.Model;

namespace Blobs.Storage.S3;

/// <content>Lists of objects, in the bytewise order of their keys.</content>
internal sealed partial class S3Client
{
    private const int PageMax = 1000;

    /// <summary>Whether any key begins with a prefix.</summary>
    public async Task<bool> HasAnyAsync(string prefix, CancellationToken cancellationToken)
    {
        S3Page page = await ListPageAsync(new S3ListRequest(prefix, Count: 1), cancellationToken).ConfigureAwait(false);
        return page.Objects.Count > 0;
    }

    /// <summary>One page: at most 1,000 objects and folders together.</summary>
    public Task<S3Page> ListPageAsync(S3ListRequest list, CancellationToken cancellationToken) => SmallAsync(async token =>
    {
        var request = new ListObjectsV2Request
        {
            BucketName = Bucket,
            Prefix = list.Prefix,
            StartAfter = list.After,
            Delimiter = list.IsOfFolders ? "/" : null,
            ContinuationToken = list.Token,
            MaxKeys = Math.Min(list.Count, PageMax),
        };
        ListObjectsV2Response found = await _s3.ListObjectsV2Async(request, token).ConfigureAwait(false);
        if (found is { Name: null, IsTruncated: null })
        {
            // Any web server's page would read as an empty list.
            throw S3Faults.NotS3(Place, "200");
        }

        return new S3Page(
            [.. (found.S3Objects ?? []).Select(one => new S3Entry(one.Key, one.Size ?? 0, TimeOf(one.LastModified)))],
            [.. (found.CommonPrefixes ?? []).Select(folder => folder[list.Prefix.Length..^1])],
            found.IsTruncated == true ? found.NextContinuationToken : null);
    }, cancellationToken);

    /// <summary>All objects whose keys begin with a prefix and are greater than another key.</summary>
    public async IAsyncEnumerable<S3Entry> ListAsync(
        string prefix, string? after, int countHint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        S3Page page;
        string? token = null;
        do
        {
            page = await ListPageAsync(new S3ListRequest(prefix, after, token, countHint), cancellationToken).ConfigureAwait(false);
            foreach (S3Entry entry in page.Objects)
            {
                yield return entry;
            }

            token = page.Next;
        }
        while (token is not null);
    }

    /// <summary>The names of all folders directly below a prefix, in the order of their keys.</summary>
    public async Task<IReadOnlyList<string>> ListFoldersAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        var folders = new List<string>();
        string? token = null;
        do
        {
            S3Page page = await ListPageAsync(
                new S3ListRequest(prefix, after, token, IsOfFolders: true), cancellationToken).ConfigureAwait(false);
            folders.AddRange(page.Folders);
            token = page.Next;
        }
        while (token is not null);
        return folders;
    }
}
