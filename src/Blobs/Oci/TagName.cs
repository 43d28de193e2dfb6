namespace Blobs.Oci;

/// <summary>Grammar of tags (OCI distribution-spec): <c>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}</c>.</summary>
public static class TagName
{
    /// <summary>The greatest length of a tag.</summary>
    public const int LengthMax = 128;

    /// <summary>The tag of a name without one.</summary>
    public const string Default = "latest";

    /// <summary>Whether the text is a tag.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LengthMax || text[0] is '.' or '-')
        {
            return false;
        }

        foreach (char character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
