using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Blobs.Fuzz;

/// <summary>
/// The edges that instrumented code has covered, counted as AFL does: one byte for each edge, in buckets of 1, 2, 3,
/// 4–7, 8–15, 16–31, 32–127 and more hits. Without instrumentation nothing is ever new.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 64 << 10;

    private static readonly byte[] Buckets =
        [.. Enumerable.Range(0, 256).Select(passes => passes switch
        {
            0 => (byte)0,
            1 => (byte)1,
            2 => (byte)2,
            3 => (byte)4,
            < 8 => (byte)8,
            < 16 => (byte)16,
            < 32 => (byte)32,
            < 128 => (byte)64,
            _ => (byte)128,
        })];

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] _seen = new byte[MapBytes];

    public Coverage() => Trace.SharedMem = _map;

    /// <summary>The number of edges covered so far.</summary>
    public int Edges => MapBytes - _seen.AsSpan().Count((byte)0);

    public void Begin()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds a run; true when it covered a new edge, or hit an edge in a new bucket.</summary>
    public bool End()
    {
        bool isNew = false;
        var words = new ReadOnlySpan<ulong>(_map, MapBytes / sizeof(ulong));
        for (int word = words.IndexOfAnyExcept(0UL), at = 0; word >= 0; word = words[at..].IndexOfAnyExcept(0UL))
        {
            at += word;
            isNew |= Note(at * sizeof(ulong));
            at++;
        }

        return isNew;
    }

    private bool Note(int start)
    {
        bool isNew = false;
        for (int i = start; i < start + sizeof(ulong); i++)
        {
            byte bucket = Buckets[_map[i]];
            isNew |= (bucket & ~_seen[i]) != 0;
            _seen[i] |= bucket;
        }

        return isNew;
    }
}
