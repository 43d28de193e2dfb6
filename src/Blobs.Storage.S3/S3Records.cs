using Blobs.Distribution.Storage;

namespace Blobs.Storage.S3;

/// <summary>Records as objects below <c>gc</c>.</summary>
internal sealed class S3Records(S3Client client, S3Keys keys) : IRegistryRecords
{
    private const int RecordBytesMax = 64 << 20;

    public async ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        await client.ReadAsync(KeyOf(name), RecordBytesMax, cancellationToken).ConfigureAwait(false) is { } found
            ? new StoredRecord(found.Content, found.ETag)
            : null;

    public async ValueTask<string?> TryCreateAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        if (await client.TryCreateAsync(KeyOf(name), content, cancellationToken).ConfigureAwait(false) is { } created)
        {
            return created;
        }

        StoredRecord? found = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        return found is not null && found.Content.Span.SequenceEqual(content.Span) ? found.Version : null;
    }

    public async ValueTask<string?> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default) =>
        await client.TryReplaceAsync(KeyOf(name), content, version, cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        string key = KeyOf(name);
        bool isThere = await client.StatAsync(key, cancellationToken).ConfigureAwait(false) is not null;
        if (isThere)
        {
            await client.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }

        return isThere;
    }

    public async ValueTask<RegistryListing<string>> ListAsync(
        string folder, RegistryPage page, CancellationToken cancellationToken = default)
    {
        int countMax = page.Count ?? int.MaxValue;
        int hint = (int)Math.Min(countMax + 1L, int.MaxValue);
        string? after = page.After is { } last ? KeyOf(last) : null;
        var names = new List<string>();
        await foreach (S3Entry entry in client.ListAsync($"{KeyOf(folder)}/", after, hint, cancellationToken).ConfigureAwait(false))
        {
            if (names.Count == countMax)
            {
                return new RegistryListing<string>(names, HasMore: true);
            }

            names.Add(entry.Key[keys.Records.Length..]);
        }

        return new RegistryListing<string>(names, HasMore: false);
    }

    private string KeyOf(string name) => keys.Records + name;
}
