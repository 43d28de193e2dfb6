namespace Blobs.Distribution.Client;

/// <summary>Finds the next page in a <c>Link</c> header (RFC 8288, 3), such as
/// <c>&lt;ADDRESS&gt;; rel="next", &lt;ADDRESS&gt;; rel="prev"</c>.</summary>
internal static class PageLink
{
    /// <summary>The address of the next page; null when the header has none.</summary>
    public static string? Next(ReadOnlySpan<char> header)
    {
        while (true)
        {
            int start = header.IndexOf('<');
            int end = start < 0 ? -1 : header[start..].IndexOf('>') + start;
            if (end <= start)
            {
                return null;
            }

            ReadOnlySpan<char> address = header[(start + 1)..end];
            header = header[(end + 1)..];
            ReadOnlySpan<char> parameters = header[..IndexOf(',', header)];
            header = header[parameters.Length..];
            if (IsNext(parameters))
            {
                return address.ToString();
            }
        }
    }

    // A separator inside quotes does not count.
    private static int IndexOf(char separator, ReadOnlySpan<char> text)
    {
        bool isQuoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            isQuoted ^= text[at] == '"';
            if (text[at] == separator && !isQuoted)
            {
                return at;
            }
        }

        return text.Length;
    }

    // A link may have several relations, separated by spaces.
    private static bool IsNext(ReadOnlySpan<char> parameters)
    {
        while (!parameters.IsEmpty)
        {
            int end = IndexOf(';', parameters);
            ReadOnlySpan<char> parameter = parameters[..end].Trim();
            int equals = parameter.IndexOf('=');
            if (equals > 0 && parameter[..equals].TrimEnd().Equals("rel", StringComparison.OrdinalIgnoreCase))
            {
                string relations = parameter[(equals + 1)..].Trim().Trim('"').ToString();
                return relations.Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase);
            }

            parameters = parameters[Math.Min(end + 1, parameters.Length)..];
        }

        return false;
    }
}
