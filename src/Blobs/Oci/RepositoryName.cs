namespace Blobs.Oci;

/// <summary>
/// Grammar of repository names (OCI distribution-spec, "Pulling manifests"): components of <c>[a-z0-9]+</c>, separated
/// by <c>.</c>, <c>_</c>, <c>__</c> or dashes, joined by slashes. So a name is a relative path without <c>..</c>, and
/// does not begin with an underscore.
/// </summary>
public static class RepositoryName
{
    /// <summary>The greatest length of a name, its domain included.</summary>
    public const int LengthMax = 255;

    /// <summary>Whether the text is a repository name without a domain.</summary>
    public static bool IsValid(ReadOnlySpan<char> path)
    {
        if (path.Length is 0 or > LengthMax)
        {
            return false;
        }

        foreach (Range range in path.Split('/'))
        {
            if (!IsComponent(path[range]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsComponent(ReadOnlySpan<char> text)
    {
        int position = 0;
        while (true)
        {
            int start = position;
            while (position < text.Length && (char.IsAsciiLetterLower(text[position]) || char.IsAsciiDigit(text[position])))
            {
                position++;
            }

            if (position == start)
            {
                return false;
            }

            if (position == text.Length)
            {
                return true;
            }

            int separator = SeparatorLength(text[position..]);
            if (separator == 0)
            {
                return false;
            }

            position += separator;
        }
    }

    private static int SeparatorLength(ReadOnlySpan<char> text) => text[0] switch
    {
        '.' => 1,
        '_' => text.StartsWith("__") ? 2 : 1,
        '-' => text.IndexOfAnyExcept('-') is var end && end < 0 ? text.Length : end,
        _ => 0,
    };
}
