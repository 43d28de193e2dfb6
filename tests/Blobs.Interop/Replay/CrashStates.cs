using System.Security.Cryptography;

namespace Blobs.Interop.Replay;

/// <summary>
/// What a crash may leave of a recording. Synced is what a sync speaks for that began after it was over; of the rest any part may be on the
/// disk and any other not, each name by itself, each write whole, torn or not at all. No file system loses all of that; each loses some.
/// </summary>
internal sealed class CrashStates(Recording recording)
{
    private readonly IReadOnlyList<Operation> _operations = recording.Operations;

    private enum Loss
    {
        Whole,
        Half,
        HalfWithZeros,
    }

    /// <summary>Different states, the most telling first, the rest by a seed: after the end, at each sync and each rename, then anywhere.</summary>
    public IEnumerable<CrashState> Enumerate(int seed)
    {
        var seen = new HashSet<string>();
        foreach ((int end, Dictionary<int, Loss> lost) in Candidates(new Random(seed)))
        {
            DiskState disk = Replay(end, lost);
            if (seen.Add(Convert.ToHexString(SHA256.HashData(disk.ToTar()))))
            {
                yield return new CrashState(disk, end == _operations.Count, Text(end, lost));
            }
        }
    }

    // Each kind by turns, so that a few states are a few of each; the random ones never end.
    private IEnumerable<(int End, Dictionary<int, Loss> Lost)> Candidates(Random random)
    {
        var kinds = new List<IEnumerator<(int, Dictionary<int, Loss>)>>
        {
            Classes().GetEnumerator(),
            Shuffled(random, Prefixes()).AsEnumerable().GetEnumerator(),
            Shuffled(random, Singles([_operations.Count])).AsEnumerable().GetEnumerator(),
            Shuffled(random, Singles(TellingEnds())).AsEnumerable().GetEnumerator(),
            Subsets(random).GetEnumerator(),
        };
        while (kinds.Count > 0)
        {
            foreach (IEnumerator<(int, Dictionary<int, Loss>)> kind in kinds.ToArray())
            {
                if (kind.MoveNext())
                {
                    yield return kind.Current;
                }
                else
                {
                    kinds.Remove(kind);
                }
            }
        }
    }

    // Everything is lost that nothing had synced; only the contents are, as with delayed allocation; only the names are.
    private IEnumerable<(int, Dictionary<int, Loss>)> Classes()
    {
        foreach (int end in TellingEnds())
        {
            int[] open = [.. Unsynced(end)];
            yield return (end, open.ToDictionary(number => number, _ => Loss.Whole));
            yield return (end, open.Where(number => _operations[number] is WriteBytes).ToDictionary(number => number, _ => Loss.Whole));
            yield return (end, open.Where(number => _operations[number] is WriteBytes).ToDictionary(number => number, _ => Loss.HalfWithZeros));
            yield return (end, open.Where(number => _operations[number] is EnterName).ToDictionary(number => number, _ => Loss.Whole));
            yield return (end, open.Where(number => _operations[number] is RemoveName).ToDictionary(number => number, _ => Loss.Whole));
        }
    }

    private IEnumerable<(int, Dictionary<int, Loss>)> Prefixes() =>
        Enumerable.Range(0, _operations.Count + 1).Select(end => (end, new Dictionary<int, Loss>()));

    private IEnumerable<(int, Dictionary<int, Loss>)> Singles(IEnumerable<int> ends) =>
        from end in ends
        from number in Unsynced(end)
        from loss in _operations[number] is WriteBytes ? Enum.GetValues<Loss>() : [Loss.Whole]
        select (end, new Dictionary<int, Loss> { [number] = loss });

    private IEnumerable<(int, Dictionary<int, Loss>)> Subsets(Random random)
    {
        int[] ends = [.. TellingEnds()];
        for (int fruitless = 0; fruitless < 100;)
        {
            int end = random.Next(2) == 0 ? ends[random.Next(ends.Length)] : random.Next(_operations.Count + 1);
            double share = random.NextDouble();
            Dictionary<int, Loss> lost = Unsynced(end).Where(_ => random.NextDouble() < share).ToDictionary(number => number, _ => (Loss)random.Next(3));
            fruitless = lost.Count == 0 ? fruitless + 1 : 0;
            yield return (end, lost);
        }
    }

    // The end, and where something has just got its name, or is about to be synced.
    private IEnumerable<int> TellingEnds() =>
        Enumerable.Range(0, _operations.Count).Where(number => _operations[number] is MoveName).Select(number => number + 1)
            .Concat(Enumerable.Range(0, _operations.Count).Where(number => _operations[number] is Sync))
            .Append(_operations.Count).Distinct().OrderDescending();

    private IEnumerable<int> Unsynced(int end)
    {
        Sync[] syncs = [.. _operations.Take(end).OfType<Sync>()];
        return Enumerable.Range(0, end).Where(number => _operations[number] is not Sync && !syncs.Any(sync => sync.Covers(_operations[number])));
    }

    private DiskState Replay(int end, Dictionary<int, Loss> lost)
    {
        DiskState disk = recording.Before.Clone();
        for (int number = 0; number < end; number++)
        {
            Operation? operation = _operations[number];
            if (lost.TryGetValue(number, out Loss loss))
            {
                operation = loss != Loss.Whole && operation is WriteBytes write ? write.Torn(loss == Loss.HalfWithZeros) : null;
            }

            operation?.Apply(disk);
        }

        return disk;
    }

    private string Text(int end, Dictionary<int, Loss> lost)
    {
        const int Shown = 12;
        string when = end == _operations.Count ? "after the end" : $"before step {end} of {_operations.Count}, {_operations[end].Text}";
        IEnumerable<string> lines = lost.OrderBy(pair => pair.Key).Take(Shown).Select(pair => $"  lost ({pair.Value}) step {pair.Key}, {_operations[pair.Key].Text}");
        return string.Join('\n', [$"A crash {when}", .. lines, lost.Count > Shown ? $"  and {lost.Count - Shown} more" : ""]);
    }

    private static T[] Shuffled<T>(Random random, IEnumerable<T> items)
    {
        T[] all = [.. items];
        random.Shuffle(all);
        return all;
    }
}
