using System.Text;

namespace Blobs.Interop.Inputs;

/// <summary>
/// A stack of random layers: trees with every kind of entry, and above them layers that add, replace, remove and empty what is below.
/// Each layer names the directories that it changes something in, as builders do.
/// </summary>
/// <param name="seed">The same seed gives the same stack.</param>
internal sealed class RandomStack(int seed)
{
    private const int Executable = 0b111_101_101;
    private const int EntriesMax = 40;
    private const int DepthMax = 4;

    private static readonly string[] Names = ["a", "b", "c", "d", "e f", "ünï", ".hidden", new('n', 130)];

    private readonly Random _random = new(seed);

    // What is there after the layers so far: the letter of a path's type.
    private readonly SortedDictionary<string, char> _there = new(StringComparer.Ordinal) { [""] = '5' };

    private readonly HashSet<string> _taken = [];

    /// <summary>The layers, base first, as archives.</summary>
    public IReadOnlyList<byte[]> Build() => [.. Enumerable.Range(0, _random.Next(1, 5)).Select(Layer)];

    private byte[] Layer(int depth)
    {
        var members = new SortedDictionary<string, TarMember>(StringComparer.Ordinal);
        var whiteouts = new List<TarMember>();
        _taken.Clear();
        for (int left = _random.Next(EntriesMax); left > 0; left--)
        {
            if (depth > 0 && _random.Next(4) == 0)
            {
                TakeAway(members, whiteouts);
            }
            else
            {
                Put(members);
            }
        }

        // Whiteouts first, so that what takes a name over is not hidden by them.
        IEnumerable<TarMember> links = Links(members);
        return new TarBuilder()
            .AddRange(members.Values.Where(member => member.Type == '5'))
            .AddRange(whiteouts)
            .AddRange(members.Values.Where(member => member.Type != '5'))
            .AddRange(links)
            .ToArray();
    }

    private void Put(SortedDictionary<string, TarMember> members)
    {
        string parent = AnyDirectory();
        string path = parent + Names[_random.Next(Names.Length)];
        char type = "0005523461"[_random.Next(10)];
        type = type == '1' || (type == '5' && parent.Count(letter => letter == '/') >= DepthMax) ? '0' : type;

        // A directory is only replaced once a whiteout took it away, and takes no other's place in the layer of the whiteout.
        if (_there.ContainsKey($"{path}/") || members.ContainsKey(path) || (type == '5' && (_there.ContainsKey(path) || _taken.Contains(path))))
        {
            return;
        }

        AddParents(members, parent);
        string key = type == '5' ? $"{path}/" : path;
        _there[key] = type;
        members[key] = Member(key, type);
    }

    private void TakeAway(SortedDictionary<string, TarMember> members, List<TarMember> whiteouts)
    {
        string path = _there.Keys.ElementAt(_random.Next(_there.Count));
        if (path.Length == 0 || members.Keys.Any(key => key.StartsWith(path, StringComparison.Ordinal)))
        {
            return;
        }

        string parent = ParentOf(path);
        AddParents(members, parent);
        if (path.EndsWith('/') && _random.Next(2) == 0)
        {
            members[path] = Member(path, '5');
            whiteouts.Add(new TarMember($"{path}.wh..wh..opq"));
        }
        else
        {
            whiteouts.Add(new TarMember($"{parent}.wh.{path[parent.Length..].TrimEnd('/')}"));
            _there.Remove(path);
            _taken.Add(path.TrimEnd('/'));
        }

        if (path.EndsWith('/'))
        {
            foreach (string below in _there.Keys.Where(key => key.Length > path.Length && key.StartsWith(path, StringComparison.Ordinal)).ToArray())
            {
                _there.Remove(below);
            }
        }
    }

    // Second names of files of this layer.
    private IEnumerable<TarMember> Links(SortedDictionary<string, TarMember> members)
    {
        TarMember[] files = [.. members.Values.Where(member => member.Type == '0')];
        foreach (TarMember file in files.Where(_ => _random.Next(5) == 0))
        {
            string target = Encoding.UTF8.GetString(file.Name);
            string path = $"{ParentOf(target)}again-{members.Count}-{_random.Next(1000)}";
            _there[path] = '0';
            yield return file with { Name = Encoding.UTF8.GetBytes(path), Type = '1', Link = file.Name, Content = [], Attributes = [] };
        }
    }

    private void AddParents(SortedDictionary<string, TarMember> members, string directory)
    {
        for (string path = directory; path.Length > 0; path = ParentOf(path))
        {
            if (!members.ContainsKey(path))
            {
                members[path] = Member(path, '5');
            }
        }
    }

    private string AnyDirectory()
    {
        string[] directories = [.. _there.Keys.Where(path => path.Length == 0 || path.EndsWith('/'))];
        return directories[_random.Next(directories.Length)];
    }

    private TarMember Member(string path, char type)
    {
        byte[] content = new byte[type == '0' ? _random.Next(4) switch { 0 => 0, 1 => _random.Next(100_000), _ => _random.Next(600) } : 0];
        _random.NextBytes(content);
        return new TarMember(path, type)
        {
            Content = content,
            Mode = type switch { '2' => 0b111_111_111, '5' => Executable | (_random.Next(8) << 9), _ => _random.Next(1 << 12) },
            Uid = _random.Next(3) switch { 0 => 0, 1 => _random.Next(70_000), _ => 3_000_000_000 },
            Gid = _random.Next(2) == 0 ? 0 : _random.Next(70_000),
            ModifiedSeconds = _random.Next(1_500_000_000),
            ModifiedNanoseconds = _random.Next(2) == 0 ? 0 : _random.Next(1, 1_000_000_000),
            Link = type == '2' ? Encoding.UTF8.GetBytes($"../{Names[_random.Next(Names.Length)]}") : [],
            DeviceMajor = type is '3' or '4' ? _random.Next(1, 300) : 0,
            DeviceMinor = type is '3' or '4' ? _random.Next(70_000) : 0,
            Attributes = type == '0' && _random.Next(3) == 0
                ? [("user.note", [.. "bytes \0\n"u8, (byte)_random.Next(256)]), ("trusted.note", "root's"u8.ToArray())]
                : [],
        };
    }

    private static string ParentOf(string path) => path[..(path.TrimEnd('/').LastIndexOf('/') + 1)];
}
