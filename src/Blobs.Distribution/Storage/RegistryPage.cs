namespace Blobs.Distribution.Storage;

/// <summary>Which part of a sorted list is asked for. Names are ordered bytewise.</summary>
/// <param name="Count">How many; null for all that are left.</param>
/// <param name="After">The name they come after, which need not exist; null for the start.</param>
public readonly record struct RegistryPage(int? Count = null, string? After = null)
{
    /// <summary>The page's part of a list that is sorted and whole; the list itself when that is all of it.</summary>
    /// <param name="sorted">The list.</param>
    /// <param name="nameOf">The name by which it is sorted.</param>
    public RegistryListing<T> Of<T>(IReadOnlyList<T> sorted, Func<T, string> nameOf)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        ArgumentNullException.ThrowIfNull(nameOf);
        int start = StartOf(sorted, nameOf);
        int count = Math.Min(Count ?? int.MaxValue, sorted.Count - start);
        return count == sorted.Count
            ? new RegistryListing<T>(sorted, HasMore: false)
            : new RegistryListing<T>([.. sorted.Skip(start).Take(count)], HasMore: start + count < sorted.Count);
    }

    /// <summary>Index of the first item that comes after <see cref="After"/>.</summary>
    internal int StartOf<T>(IReadOnlyList<T> sorted, Func<T, string> nameOf)
    {
        int low = 0;
        int high = After is null ? 0 : sorted.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(nameOf(sorted[middle]), After) <= 0)
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
