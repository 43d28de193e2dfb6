namespace Blobs.Distribution.Collection;

/// <summary>All candidates of one key, which stay where they are: there may be a million such entries.</summary>
internal readonly struct CandidateEntry(List<Candidate> group, int start, int count)
{
    public int Count => count;

    public Candidate this[int index] => group[start + index];
}
