using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>Another address that has a registry's content. It is asked first for manifests and blobs that are pulled, and left
/// when it fails in any way; nothing is pushed to it.</summary>
public sealed record RegistryMirror
{
    /// <param name="domain">The registry as image names have it, such as <c>docker.io</c>.</param>
    /// <param name="address">The mirror. A path becomes the start of every repository's name:
    /// <c>https://mirror.example/hub</c> has <c>library/alpine</c> as <c>hub/library/alpine</c>.</param>
    /// <exception cref="ArgumentException">The address is not http or https, or has more than host, port and path.</exception>
    public RegistryMirror(string domain, Uri address)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        ArgumentNullException.ThrowIfNull(address);
        bool isAddress = address.IsAbsoluteUri && address.Scheme is "http" or "https"
            && address is { UserInfo: "", Query: "", Fragment: "" };
        Domain = domain;
        Address = isAddress ? address : throw new ArgumentException($"'{address}' is not http[s]://HOST[:PORT][/PATH]", nameof(address));
    }

    /// <summary>The registry that it is a mirror of.</summary>
    public string Domain { get; }

    /// <summary>The mirror's address.</summary>
    public Uri Address { get; }

    /// <summary>Reads <c>HOST=URL</c>; without a scheme, the URL is of https.</summary>
    /// <exception cref="MalformedDataException">It does not have this form.</exception>
    public static RegistryMirror Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string address = text[(equals + 1)..];
        address = address.Contains("://", StringComparison.Ordinal) ? address : $"https://{address}";
        try
        {
            return equals > 0 && Uri.TryCreate(address, UriKind.Absolute, out Uri? parsed)
                ? new RegistryMirror(text[..equals], parsed)
                : throw Refused(text);
        }
        catch (ArgumentException)
        {
            throw Refused(text);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Domain}={Address}";

    private static MalformedDataException Refused(string text) =>
        new(Fault.ReferenceSyntax, 0, $"'{text}' is not HOST=URL, such as docker.io=https://mirror.example");
}
