namespace Blobs.Distribution.Client;

/// <summary>The credentials that a server asks for: one challenge of its <c>WWW-Authenticate</c> header (RFC 9110,
/// 11.6.1).</summary>
/// <param name="Scheme"><c>Basic</c> or <c>Bearer</c>.</param>
/// <param name="Parameters">Its parameters; names in any case.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public const string Basic = "Basic";
    public const string Bearer = "Bearer";

    public string? Realm => Parameters.GetValueOrDefault("realm");

    public string? Service => Parameters.GetValueOrDefault("service");

    public string? Scope => Parameters.GetValueOrDefault("scope");

    /// <summary>The challenge that we can meet, Bearer before Basic; null when there is none.</summary>
    public static AuthChallenge? Of(HttpResponseMessage response)
    {
        AuthChallenge[] known = [.. response.Headers.WwwAuthenticate
            .Select(header => new AuthChallenge(header.Scheme, Read(header.Parameter)))];
        return Array.Find(known, challenge => challenge.Is(Bearer) && challenge.Realm is not null)
            ?? Array.Find(known, challenge => challenge.Is(Basic));
    }

    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    // NAME=TOKEN or NAME="TEXT", separated by commas; in the text, a backslash escapes the next character.
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
