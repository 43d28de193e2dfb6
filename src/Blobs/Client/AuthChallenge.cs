namespace Blobs.Client;

/// <summary>What a server wants to see before it answers (RFC 9110, 11.6.1).</summary>
/// <param name="Scheme"><c>Basic</c> or <c>Bearer</c>.</param>
/// <param name="Parameters">Its parameters; names in any case.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public const string Basic = "Basic";
    public const string Bearer = "Bearer";

    public string? Realm => Parameters.GetValueOrDefault("realm");

    public string? Service => Parameters.GetValueOrDefault("service");

    public string? Scope => Parameters.GetValueOrDefault("scope");

    /// <summary>The challenge of an answer that we can meet, a token before a password; null when there is none.</summary>
    public static AuthChallenge? Of(HttpResponseMessage response)
    {
        AuthChallenge[] known = [.. response.Headers.WwwAuthenticate
            .Select(header => new AuthChallenge(header.Scheme, Read(header.Parameter)))];
        return Array.Find(known, challenge => challenge.Is(Bearer) && challenge.Realm is not null)
            ?? Array.Find(known, challenge => challenge.Is(Basic));
    }

    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    // NAME=TOKEN or NAME="TEXT", parted by commas; a backslash in the text takes the next character as it is.
    internal static Dictionary<string, string> Read(ReadOnlySpan<char> text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            text = text.TrimStart(" \t,");
            int equals = text.IndexOf('=');
            if (equals <= 0)
            {
                return parameters;
            }

            string name = text[..equals].Trim().ToString();
            text = text[(equals + 1)..].TrimStart();
            string value = text.StartsWith("\"") ? Quoted(ref text) : Plain(ref text);
            parameters.TryAdd(name, value);
        }
    }

    private static string Plain(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(',');
        ReadOnlySpan<char> value = end < 0 ? text : text[..end];
        text = text[value.Length..];
        return value.Trim().ToString();
    }

    private static string Quoted(ref ReadOnlySpan<char> text)
    {
        var value = new System.Text.StringBuilder();
        int at = 1;
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            value.Append(text[at++]);
        }

        text = text[Math.Min(at + 1, text.Length)..];
        return value.ToString();
    }
}
