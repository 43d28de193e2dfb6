using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>
/// An image's name, parsed as docker does: <c>alpine</c> is <c>docker.io/library/alpine</c>. Two references are equal
/// when their full forms are.
/// </summary>
public sealed record ImageReference
{
    private const string DefaultDomain = "docker.io";
    private const string LegacyDomain = "index.docker.io";
    private const string OfficialPrefix = "library/";

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:");
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry: host and port.</summary>
    public string Domain { get; }

    /// <summary>The repository in that registry.</summary>
    public string Path { get; }

    /// <summary>The tag; null when there is none.</summary>
    public string? Tag { get; }

    /// <summary>The manifest's digest; null when there is none.</summary>
    public Digest? Digest { get; }

    /// <summary>Registry and repository in full: <c>docker.io/library/alpine</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>Registry and repository as people write them: <c>alpine</c>.</summary>
    public string FamiliarName
    {
        get
        {
            if (Domain != DefaultDomain)
            {
                return Name;
            }

            bool isOfficial = Path.StartsWith(OfficialPrefix, StringComparison.Ordinal) && Path.IndexOf('/') == Path.LastIndexOf('/');
            return isOfficial ? Path[OfficialPrefix.Length..] : Path;
        }
    }

    /// <summary>The whole reference as people write it: <c>alpine:3.18</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    /// <summary>Parses a name as <c>docker</c> does; adds no default tag.</summary>
    /// <exception cref="MalformedDataException">It is not an image name.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? why = Read(text, out ImageReference? reference);
        return why is null
            ? reference!
            : throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{Printable.Quote(Encoding.UTF8.GetBytes(text))} is not an image name: {why}");
    }

    /// <summary>Parses a name as <c>docker</c> does; false when it is not an image name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        return text is not null && Read(text, out reference) is null;
    }

    /// <summary>This reference; with the tag <c>latest</c> when it has neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? WithTag(TagName.Default) : this;

    /// <summary>The same repository with this tag and no digest.</summary>
    public ImageReference WithTag(string tag) => TagName.IsValid(tag)
        ? new ImageReference(Domain, Path, tag, null)
        : throw new ArgumentException($"'{tag}' is not a tag", nameof(tag));

    /// <summary>The same repository with this digest and no tag.</summary>
    public ImageReference WithDigest(Digest digest) => new(Domain, Path, null, digest);

    /// <summary>The whole reference in full: <c>docker.io/library/alpine:3.18</c>.</summary>
    public override string ToString() => Name + Suffix;

    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Length == 64 && text.AsSpan().IndexOfAnyExcept(IdCharacters) < 0)
        {
            return "64 hex digits are an image's id";
        }

        string name = text;
        Digest? digest = null;
        int at = name.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Hashing.Digest.TryParse(name.AsSpan(at + 1), null, out Digest parsed))
            {
                return "the text after @ is not a digest";
            }

            digest = parsed;
            name = name[..at];
        }

        string? tag = null;
        int colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!TagName.IsValid(tag))
            {
                return "a tag is at most 128 letters, digits, '_', '.' or '-', and does not begin with '.' or '-'";
            }
        }

        (string domain, string path) = Split(name);
        if (domain.Length + 1 + path.Length > RepositoryName.LengthMax)
        {
            return "it is longer than 255 characters";
        }

        if (path.AsSpan().ContainsAnyInRange('A', 'Z'))
        {
            return "the repository must be in lower case";
        }

        if (!IsDomain(domain) || !RepositoryName.IsValid(path))
        {
            return "expected [HOST[:PORT]/]NAME[:TAG][@DIGEST]";
        }

        reference = new ImageReference(domain, path, tag, digest);
        return null;
    }

    // The first part is a host if it looks like one: a dot, a port, an upper-case letter, or the word localhost.
    private static (string Domain, string Path) Split(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool isHost = first == "localhost" || first.AsSpan().ContainsAny('.', ':') || first.AsSpan().ContainsAnyInRange('A', 'Z');
        string domain = isHost ? first : DefaultDomain;
        string path = isHost ? name[(slash + 1)..] : name;
        domain = domain == LegacyDomain ? DefaultDomain : domain;
        bool isOfficial = domain == DefaultDomain && !path.Contains('/', StringComparison.Ordinal);
        return (domain, isOfficial ? OfficialPrefix + path : path);
    }

    private static bool IsDomain(ReadOnlySpan<char> text)
    {
        int port = text.LastIndexOf(':');
        bool isAddress = text.StartsWith("[");
        int bracket = text.LastIndexOf(']');
        if (port > bracket)
        {
            ReadOnlySpan<char> digits = text[(port + 1)..];
            if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            text = text[..port];
        }

        if (isAddress)
        {
            return text.Length > 2 && text[^1] == ']' && text[1..^1].IndexOfAnyExcept(AddressCharacters) < 0;
        }

        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> label = text[range];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-' || label.IndexOfAnyExcept(LabelCharacters) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
