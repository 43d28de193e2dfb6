namespace Blobs.Erofs;

/// <summary>Records that are added one after another and stay where they are: pages instead of one array, which would be copied and left
/// behind whenever it is full.</summary>
internal sealed class ErofsTable<T>
    where T : struct
{
    private const int PageBits = 12;
    private const int PageMask = (1 << PageBits) - 1;

    private readonly List<T[]> _pages = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _pages[index >> PageBits][index & PageMask];

    /// <summary>Adds a record, and returns its index.</summary>
    public int Add(in T record)
    {
        if (Count >> PageBits == _pages.Count)
        {
            _pages.Add(new T[PageMask + 1]);
        }

        this[Count] = record;
        return Count++;
    }
}
