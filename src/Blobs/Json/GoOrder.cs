namespace Blobs.Json;

/// <summary>Order of Go's strings: by bytes of UTF-8, which is the order of code points and not that of UTF-16 units.</summary>
internal sealed class GoOrder : IComparer<string>
{
    public static GoOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x;
        ReadOnlySpan<char> right = y;
        int common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        // Surrogates stand for code points above all others, but below U+E000 as units.
        char a = left[common];
        char b = right[common];
        bool isPairA = char.IsSurrogate(a);
        bool isPairB = char.IsSurrogate(b);
        return isPairA == isPairB ? a.CompareTo(b) : isPairA ? 1 : -1;
    }
}
