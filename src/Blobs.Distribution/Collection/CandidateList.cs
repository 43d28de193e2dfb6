namespace Blobs.Distribution.Collection;

/// <summary>
/// The candidates of one run, in small groups by the first bits of their keys. When there are more than fit into memory,
/// those with the highest first bytes are dropped, and wait for the next run.
/// </summary>
internal sealed class CandidateList
{
    private const int CountMax = 250_000;

    // Larger groups would be large objects.
    private const int GroupBits = 14;
    private const int GroupsPerByte = 1 << (GroupBits - 8);

    private readonly Lock _lock = new();
    private readonly List<Candidate>?[] _groups = new List<Candidate>[CandidateKey.FirstBytes * GroupsPerByte];
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

            (GroupOf(candidate.Key) ??= []).Add(candidate);
            _count++;
            while (_count > CountMax && End > From + 1)
            {
                End--;
                Span<List<Candidate>?> dropped = GroupsOf(End);
                foreach (List<Candidate>? group in dropped)
                {
                    _count -= group?.Count ?? 0;
                }

                dropped.Clear();
            }
        }
    }

    public void Clear()
    {
        _groups.AsSpan().Clear();
        _count = 0;
    }

    public void Sort()
    {
        foreach (List<Candidate>? group in _groups)
        {
            group?.Sort();
        }
    }

    /// <summary>Whether a sorted list has a candidate with this key.</summary>
    public bool Has(CandidateKey key)
    {
        List<Candidate>? group = GroupOf(key);
        int place = PlaceOf(group, new Candidate { Key = key });
        return place < group?.Count && group[place].Key == key;
    }

    /// <summary>Confirms a candidate of a sorted list; false when it is not there.</summary>
    public bool Confirm(in Candidate candidate)
    {
        lock (_lock)
        {
            List<Candidate>? group = GroupOf(candidate.Key);
            int place = PlaceOf(group, candidate);
            if (group is null || place == group.Count || group[place].CompareTo(candidate) != 0)
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
    public IEnumerable<CandidateEntry> Entries()
    {
        for (int number = From * GroupsPerByte; number < End * GroupsPerByte; number++)
        {
            List<Candidate> group = _groups[number] ?? [];
            for (int start = 0; start < group.Count;)
            {
                int end = start + 1;
                while (end < group.Count && group[end].Key == group[start].Key)
                {
                    end++;
                }

                yield return new CandidateEntry(group, start, end - start);
                start = end;
            }
        }
    }

    // The first place whose candidate is not less.
    private static int PlaceOf(List<Candidate>? group, in Candidate candidate)
    {
        int low = 0;
        int high = group?.Count ?? 0;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (group![middle].CompareTo(candidate) < 0)
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

    private ref List<Candidate>? GroupOf(CandidateKey key) => ref _groups[(int)(key.High >> (128 - GroupBits))];

    private Span<List<Candidate>?> GroupsOf(int firstByte) => _groups.AsSpan(firstByte * GroupsPerByte, GroupsPerByte);
}
