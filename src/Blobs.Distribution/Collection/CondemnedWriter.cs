using Blobs.Distribution.Storage;

namespace Blobs.Distribution.Collection;

/// <summary>Writes the list of what a run condemns. Nobody reads it before it is published.</summary>
internal static class CondemnedWriter
{
    private const int BlocksAtOnce = 8;

    /// <summary>Number of the block that an entry is in.</summary>
    public static int BlockOf(int entry) => entry / CollectionRecords.BlockEntriesMax;

    /// <summary>Writes the blocks, and the index of their first keys; returns the number of blocks.</summary>
    public static async Task<int> WriteCondemnedAsync(
        Collection collection, CandidateList candidates, long run, CancellationToken cancellationToken)
    {
        var records = new CollectionRecords(collection.Storage.Records!);
        var firstKeys = new List<string>();
        IEnumerable<(CandidateEntry[] Entries, int Number)> blocks = candidates.Entries()
            .Chunk(CollectionRecords.BlockEntriesMax).Select((entries, number) => (entries, number));
        var limit = new ParallelOptions { MaxDegreeOfParallelism = BlocksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Remembering(blocks, firstKeys), limit, async (block, stop) =>
        {
            await collection.Requests.PaceAsync(stop).ConfigureAwait(false);
            CondemnedEntry[] entries = [.. block.Entries.Select(entry => EntryOf(collection, entry))];
            await records.WriteBlockAsync(run, block.Number, entries, stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await records.WriteIndexAsync(run, [.. firstKeys], cancellationToken).ConfigureAwait(false);
        return firstKeys.Count;
    }

    // The source of a parallel loop is enumerated by one thread at a time, in order.
    private static IEnumerable<(CandidateEntry[] Entries, int Number)> Remembering(
        IEnumerable<(CandidateEntry[] Entries, int Number)> blocks, List<string> firstKeys)
    {
        foreach ((CandidateEntry[] entries, int number) in blocks)
        {
            firstKeys.Add(entries[0][0].Key.ToHex());
            yield return (entries, number);
        }
    }

    private static CondemnedEntry EntryOf(Collection collection, CandidateEntry candidates)
    {
        Candidate first = candidates[0];
        return first.Tag is { } tag
            ? new CondemnedEntry
            {
                Tag = tag.Name,
                Repository = collection.Names[first.Repository],
                Digest = tag.Target is { } target ? $"{target}" : null,
            }
            : new CondemnedEntry
            {
                Digest = $"{first.Key.ToDigest()}",
                Bytes = first.Kind is null,
                Links =
                [
                    .. from number in Enumerable.Range(0, candidates.Count)
                       let candidate = candidates[number]
                       where candidate.Kind is not null
                       select new CondemnedLink(candidate.Kind!.Value, collection.Names[candidate.Repository], candidate.Name),
                ],
            };
    }
}
