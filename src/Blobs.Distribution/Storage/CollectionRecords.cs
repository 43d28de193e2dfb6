using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>
/// The records of garbage collection.
/// <code>
/// current                       the state
/// runs/RUN/condemned/index      the first key of each block
/// runs/RUN/condemned/BLOCK      up to 256 entries
/// runs/RUN/claims/BLOCK         keep or delete: whoever is first decides for the whole block
/// </code>
/// </summary>
internal sealed class CollectionRecords(IRegistryRecords records)
{
    public const int BlockEntriesMax = 256;

    private const string Current = "current";
    private const string Runs = "runs";

    private static readonly byte[] Keep = "keep"u8.ToArray();
    private static readonly byte[] Delete = "delete"u8.ToArray();

    /// <summary>Reads the state, and its version; the version is null before the first run.</summary>
    public async ValueTask<(CollectionState State, string? Version)> ReadCurrentAsync(CancellationToken cancellationToken) =>
        await records.ReadAsync(Current, cancellationToken).ConfigureAwait(false) is { } record
            ? (Parse(Current, record, CollectionJson.Default.CollectionState), record.Version)
            : (CollectionState.None, null);

    /// <summary>Writes the state, if it still has a version, and returns the new version; null when it has
    /// another.</summary>
    public ValueTask<string?> TryReplaceCurrentAsync(CollectionState state, string? version, CancellationToken cancellationToken)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(state, CollectionJson.Default.CollectionState);
        return version is null
            ? records.TryCreateAsync(Current, content, cancellationToken)
            : records.TryReplaceAsync(Current, content, version, cancellationToken);
    }

    public async ValueTask WriteBlockAsync(long run, int block, CondemnedEntry[] entries, CancellationToken cancellationToken) =>
        await CreateAsync(NameOf(run, "condemned", block), entries, CollectionJson.Default.CondemnedEntryArray, cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask WriteIndexAsync(long run, string[] firstKeys, CancellationToken cancellationToken) =>
        await CreateAsync(IndexOf(run), firstKeys, CollectionJson.Default.StringArray, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the first keys of a run's blocks; null when the run is over and its records are deleted.</summary>
    public ValueTask<string[]?> ReadIndexAsync(long run, CancellationToken cancellationToken) =>
        ReadAsync(IndexOf(run), CollectionJson.Default.StringArray, cancellationToken);

    /// <summary>Reads a block; null when the run is over and its records are deleted.</summary>
    public ValueTask<CondemnedEntry[]?> ReadBlockAsync(long run, int block, CancellationToken cancellationToken) =>
        ReadAsync(NameOf(run, "condemned", block), CollectionJson.Default.CondemnedEntryArray, cancellationToken);

    /// <summary>Claims a block; false when it is claimed for the opposite.</summary>
    public async ValueTask<bool> TryClaimAsync(long run, int block, bool keep, CancellationToken cancellationToken)
    {
        string name = NameOf(run, "claims", block);
        byte[] claim = keep ? Keep : Delete;
        while (true)
        {
            if (await records.TryCreateAsync(name, claim, cancellationToken).ConfigureAwait(false) is not null)
            {
                return true;
            }

            if (await records.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found.Content.Span.SequenceEqual(claim);
            }
        }
    }

    /// <summary>Deletes the records of runs before one.</summary>
    public async ValueTask DeleteRunsBeforeAsync(long run, CancellationToken cancellationToken)
    {
        string first = FolderOf(run);
        RegistryListing<string> listing;
        do
        {
            listing = await records.ListAsync(Runs, new RegistryPage(IFencedDeletion.BatchMax), cancellationToken).ConfigureAwait(false);
            foreach (string name in listing.Items)
            {
                if (string.CompareOrdinal(name, first) >= 0)
                {
                    return;
                }

                await records.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
        while (listing.HasMore);
    }

    // Fixed widths, so that names are sorted as numbers.
    private static string FolderOf(long run) => string.Create(CultureInfo.InvariantCulture, $"{Runs}/{run:d12}/");

    private static string NameOf(long run, string what, int block) =>
        string.Create(CultureInfo.InvariantCulture, $"{FolderOf(run)}{what}/{block:d8}");

    private static string IndexOf(long run) => $"{FolderOf(run)}condemned/index";

    private static T Parse<T>(string name, StoredRecord record, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(record.Content.Span, type) ?? throw Damaged(name);
        }
        catch (JsonException)
        {
            throw Damaged(name);
        }
    }

    private static StoreException Damaged(string name) => new(name, $"gc/{name}: is not a record of garbage collection");

    private async ValueTask<T?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await records.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } record ? Parse(name, record, type) : null;

    private async ValueTask CreateAsync<T>(string name, T content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(content, type);
        if (await records.TryCreateAsync(name, bytes, cancellationToken).ConfigureAwait(false) is null)
        {
            throw Damaged(name);
        }
    }
}
