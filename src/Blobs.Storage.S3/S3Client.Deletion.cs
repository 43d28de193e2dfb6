using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <content>Deletions with a deadline, and whether they free space.</content>
internal sealed partial class S3Client
{
    private const int AnswerBytesMax = 8 << 20;

    // The clocks of a store's servers differ, and an answer states its time in whole seconds.
    private static readonly TimeSpan ClockError = TimeSpan.FromSeconds(2);

    /// <summary>Deletes objects, unless the deadline has passed when the store gets to it.</summary>
    public async Task<DeletionOutcome[]> DeleteBeforeAsync(
        IReadOnlyList<string> keys, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        // The store's time in whole seconds, never ahead of it: some refuse what is signed for later.
        DateTimeOffset from = DateTimeOffset.FromUnixTimeSeconds(ServerTime.ToUnixTimeSeconds());
        TimeSpan lifetime = deadline - from;
        if (lifetime < TimeSpan.FromSeconds(1))
        {
            return All(keys.Count, DeletionOutcome.Late);
        }

        DirectAccess access = await FindAccessAsync(cancellationToken).ConfigureAwait(false);
        ImmutableCredentials credentials = await access.Credentials.GetCredentialsAsync().ConfigureAwait(false);
        Uri address = SignedRequests.Sign("POST", new Uri($"{access.Bucket}?delete"), credentials, access.Region, from, lifetime);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_options.RequestTime);
            using HttpResponseMessage answer = await _connection.Http
                .PostAsync(address, DeletionBody(keys), limit.Token).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return OutcomesOf(keys, answer, body, deadline);
        }
        catch (Exception fault) when (S3Faults.IsOfStore(fault, cancellationToken))
        {
            return All(keys.Count, DeletionOutcome.Unknown);
        }
    }

    /// <summary>Whether the bucket keeps versions of what is deleted. False where the store does not know, or does not
    /// say.</summary>
    public Task<bool> HasVersioningAsync(CancellationToken cancellationToken) => SmallAsync(async token =>
    {
        try
        {
            GetBucketVersioningResponse found = await _s3.GetBucketVersioningAsync(Bucket, token).ConfigureAwait(false);
            return found.VersioningConfig?.Status == VersionStatus.Enabled;
        }
        catch (AmazonS3Exception fault) when (S3Faults.IsNotForUs(fault))
        {
            return false;
        }
    }, cancellationToken);

    private static DeletionOutcome[] All(int count, DeletionOutcome outcome)
    {
        var outcomes = new DeletionOutcome[count];
        Array.Fill(outcomes, outcome);
        return outcomes;
    }

    private static ByteArrayContent DeletionBody(IReadOnlyList<string> keys)
    {
        XNamespace names = "http://s3.amazonaws.com/doc/2006-03-01/";
        var document = new XElement(
            names + "Delete",
            new XElement(names + "Quiet", "true"),
            keys.Select(key => new XElement(names + "Object", new XElement(names + "Key", key))));
        byte[] body = Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting));
        var content = new ByteArrayContent(body);
#pragma warning disable CA5351 // The interface asks for MD5, against errors of transport.
        content.Headers.ContentMD5 = MD5.HashData(body);
#pragma warning restore CA5351
        content.Headers.ContentType = new("application/xml");
        return content;
    }

    private DeletionOutcome[] OutcomesOf(IReadOnlyList<string> keys, HttpResponseMessage answer, byte[] body, DateTimeOffset deadline)
    {
        if (answer.StatusCode == HttpStatusCode.Forbidden)
        {
            // The store's own clock tells a signature that has ended from one that was never good.
            bool isLate = answer.Headers.Date is { } date && date + ClockError >= deadline;
            return isLate
                ? All(keys.Count, DeletionOutcome.Late)
                : throw new StoreException(Place, $"{Place}: may not delete: access denied");
        }

        if (answer.StatusCode != HttpStatusCode.OK || body.Length > AnswerBytesMax)
        {
            return All(keys.Count, DeletionOutcome.Unknown);
        }

        // A quiet answer names only what could not be deleted.
        using var reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        var failed = XDocument.Load(reader).Descendants()
            .Where(element => element.Name.LocalName == "Error")
            .Select(error => error.Elements().FirstOrDefault(element => element.Name.LocalName == "Key")?.Value)
            .ToHashSet();
        return [.. keys.Select(key => failed.Contains(key) || failed.Contains(null) ? DeletionOutcome.Unknown : DeletionOutcome.Deleted)];
    }
}
