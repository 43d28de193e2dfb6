namespace Blobs.Distribution.Storage;

/// <summary>The requested part of a sorted list. Names are compared bytewise.</summary>
/// <param name="Count">Maximum number of items; null for all that remain.</param>
/// <param name="After">The name after which the page starts; it need not exist. Null for the start of the list.</param>
public readonly record struct RegistryPage(int? Count = null, string? After = null)
{
    /// <summary>Returns this page of a complete, sorted list; the list itself when the page covers all of it.</summary>
    /// <param name="sorted">The list.</param>
    /// <param name="nameOf">Returns the name by which an item is sorted.</param>
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

    /// <summary>Index of the first item after <see cref="After"/>.</summary>
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
