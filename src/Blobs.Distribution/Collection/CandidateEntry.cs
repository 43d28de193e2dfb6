namespace Blobs.Distribution.Collection;

/// <summary>All candidates of one key: a part of their group, not a copy, because there may be hundreds of thousands of entries.</summary>
internal readonly struct CandidateEntry(List<Candidate> group, int start, int count)
{
    public int Count => count;

    public Candidate this[int index] => group[start + index];
}
