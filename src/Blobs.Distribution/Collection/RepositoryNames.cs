namespace Blobs.Distribution.Collection;

/// <summary>Numbers for the names of repositories, so that candidates stay small.</summary>
internal sealed class RepositoryNames
{
    private readonly Lock _lock = new();
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _names];
            }
        }
    }

    public string this[int number]
    {
        get
        {
            lock (_lock)
            {
                return _names[number];
            }
        }
    }

    public int NumberOf(string name)
    {
        lock (_lock)
        {
            if (!_numbers.TryGetValue(name, out int number))
            {
                _numbers[name] = number = _names.Count;
                _names.Add(name);
            }

            return number;
        }
    }
}
