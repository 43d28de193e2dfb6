using System.Text;
using System.Text.RegularExpressions;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Images;

namespace Blobs.Cli.Contents;

/// <summary>
/// A pattern for files. With a slash it is a glob on the whole path, without one on the last part of it; <c>*</c> and
/// <c>?</c> stand for anything but a slash, <c>**</c> for anything. <c>sha256:…</c> means files with that content.
/// </summary>
internal sealed class FilePattern
{
    private readonly Digest? _content;
    private readonly Regex? _glob;
    private readonly bool _isWholePath;

    /// <exception cref="MalformedDataException">It is no pattern.</exception>
    public FilePattern(string text)
    {
        if (text.StartsWith(DigestText.Sha256Prefix, StringComparison.Ordinal))
        {
            _content = Digest.Parse(text, null);
            return;
        }

        _isWholePath = text.Contains('/', StringComparison.Ordinal);
        string pattern = _isWholePath && !text.StartsWith('/') && !text.StartsWith("**", StringComparison.Ordinal) ? $"/{text}" : text;
        _glob = new Regex(ToRegex(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    /// <summary>Whether the digests of contents are needed.</summary>
    public bool NeedsContent => _content is not null;

    public bool Fits(ImageEntry entry) => _content is { } content
        ? entry.File.Content == content
        : _glob!.IsMatch(Encoding.UTF8.GetString(_isWholePath ? entry.GetPath() : entry.Name.Span));

    private static string ToRegex(string glob)
    {
        var regex = new StringBuilder("^");
        for (int index = 0; index < glob.Length; index++)
        {
            char letter = glob[index];
            if (letter == '*' && index + 1 < glob.Length && glob[index + 1] == '*')
            {
                regex.Append(".*");
                index++;
            }
            else if (letter == '[' && glob.IndexOf(']', index + 2) is > 0 and var end)
            {
                string inside = glob[(index + 1)..end].Replace(@"\", @"\\", StringComparison.Ordinal);
                regex.Append('[').Append(inside is ['!', ..] ? $"^{inside[1..]}" : inside).Append(']');
                index = end;
            }
            else
            {
                regex.Append(letter switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape($"{letter}") });
            }
        }

        return regex.Append('$').ToString();
    }
}
