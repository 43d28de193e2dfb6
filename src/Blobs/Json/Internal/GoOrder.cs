using System.ComponentModel;

namespace Blobs.Json.Internal;

/// <summary>Compares strings as Go does: by their UTF-8 bytes, which is the order of code points and not of UTF-16 units.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoOrder : IComparer<string>
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

        // Surrogates encode the highest code points, but as UTF-16 units they are lower than U+E000.
        char a = left[common];
        char b = right[common];
        bool isPairA = char.IsSurrogate(a);
        bool isPairB = char.IsSurrogate(b);
        return isPairA == isPairB ? a.CompareTo(b) : isPairA ? 1 : -1;
    }
}
