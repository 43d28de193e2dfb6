namespace Blobs.Distribution.Collection;

/// <summary>
/// The candidates of one run, grouped by the first byte of their keys. When there are more than fit into memory, those
/// with the highest first bytes are dropped, and wait for the next run.
/// </summary>
internal sealed class CandidateList
{
    private const int CountMax = 250_000;

    private readonly Lock _lock = new();
    private readonly List<Candidate>[] _groups = [.. Enumerable.Range(0, CandidateKey.FirstBytes).Select(_ => new List<Candidate>())];
    private int _count;

    /// <param name="from">The lowest first byte to take.</param>
    public CandidateList(int from) => From = from;

    /// <summary>The lowest first byte that is taken.</summary>
    public int From { get; }

    /// <summary>The lowest first byte that is left to the next run.</summary>
    public int End { get; private set; } = CandidateKey.FirstBytes;

    public bool IsEmpty => _count == 0;

    /// <summary>Whether the list takes candidates with this key.</summary>
    public bool Takes(CandidateKey key) => key.FirstByte >= From && key.FirstByte < End;

    public void Add(in Candidate candidate)
    {
        lock (_lock)
        {
            if (!Takes(candidate.Key))
            {
                return;
            }

            _groups[candidate.Key.FirstByte].Add(candidate);
            _count++;
            while (_count > CountMax && End > From + 1)
            {
                End--;
                _count -= _groups[End].Count;
                _groups[End] = [];
            }
        }
    }

    public void Clear()
    {
        foreach (List<Candidate> group in _groups)
        {
            group.Clear();
        }

        _count = 0;
    }

    public void Sort()
    {
        foreach (List<Candidate> group in _groups)
        {
            group.Sort();
        }
    }

    /// <summary>Whether a sorted list has a candidate with this key.</summary>
    public bool Has(CandidateKey key)
    {
        List<Candidate> group = _groups[key.FirstByte];
        int place = PlaceOf(group, new Candidate { Key = key });
        return place < group.Count && group[place].Key == key;
    }

    /// <summary>Confirms a candidate of a sorted list; false when it is not there.</summary>
    public bool Confirm(in Candidate candidate)
    {
        lock (_lock)
        {
            List<Candidate> group = _groups[candidate.Key.FirstByte];
            int place = PlaceOf(group, candidate);
            if (place == group.Count || group[place].CompareTo(candidate) != 0)
            {
                return false;
            }

            Candidate found = group[place];
            found.IsConfirmed = found.Tag == candidate.Tag;
            group[place] = found;
            return found.IsConfirmed;
        }
    }

    /// <summary>The entries of a sorted list: all candidates of one key together.</summary>
    public IEnumerable<IReadOnlyList<Candidate>> Entries()
    {
        for (int first = From; first < End; first++)
        {
            List<Candidate> group = _groups[first];
            for (int start = 0; start < group.Count;)
            {
                int end = start + 1;
                while (end < group.Count && group[end].Key == group[start].Key)
                {
                    end++;
                }

                yield return group.GetRange(start, end - start);
                start = end;
            }
        }
    }

    // The first place whose candidate is not less.
    private static int PlaceOf(List<Candidate> group, in Candidate candidate)
    {
        int low = 0;
        int high = group.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (group[middle].CompareTo(candidate) < 0)
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
