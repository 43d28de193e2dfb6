using Blobs.Distribution.Storage;

namespace Blobs.Distribution.Collection;

/// <summary>Counts of what was deleted.</summary>
internal sealed class CollectedTally
{
    public long Blobs { get; set; }

    public long Bytes { get; set; }

    public long Manifests { get; set; }

    public long Links { get; set; }

    public long Tags { get; set; }

    public void Add(CollectedTally other)
    {
        Blobs += other.Blobs;
        Bytes += other.Bytes;
        Manifests += other.Manifests;
        Links += other.Links;
        Tags += other.Tags;
    }
}

/// <summary>Names and counts what is deleted. Histories, referrers and aliases go with their manifest, unnamed.</summary>
internal static class CollectedNames
{
    public static void Report(Collection collection, in Candidate candidate, CollectedTally tally)
    {
        switch (candidate.Kind)
        {
            case null:
                tally.Blobs++;
                tally.Bytes += candidate.Length;
                Tell(collection, CollectedKind.Blob, candidate, "", candidate.Length);
                break;
            case ReferenceKind.Tag:
                tally.Tags++;
                collection.Options.Deleted?.Report(new CollectedItem(
                    CollectedKind.Tag, $"{collection.Names[candidate.Repository]}:{candidate.Tag!.Name}"));
                break;
            case ReferenceKind.Manifest when candidate.Name is null:
                tally.Manifests++;
                Tell(collection, CollectedKind.Manifest, candidate, $"{collection.Names[candidate.Repository]}@");
                break;
            case ReferenceKind.Blob when candidate.Name is null:
                tally.Links++;
                Tell(collection, CollectedKind.Link, candidate, $"{collection.Names[candidate.Repository]}@");
                break;
        }
    }

    private static void Tell(Collection collection, CollectedKind kind, in Candidate candidate, string prefix, long bytes = 0) =>
        collection.Options.Deleted?.Report(new CollectedItem(kind, $"{prefix}{candidate.Key.ToDigest()}", bytes));
}
