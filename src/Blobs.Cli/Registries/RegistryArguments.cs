using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Places;
using Blobs.Errors;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Registries;

/// <summary>Arguments of verbs that work on registries only: any other place is a usage error.</summary>
internal static class RegistryArguments
{
    private const string Hub = "docker.io";

    /// <summary>An image name, with or without <c>docker://</c>.</summary>
    /// <param name="name">Name in the help.</param>
    /// <param name="description">Description in the help.</param>
    /// <param name="check">What is wrong with a name for this verb; null for nothing.</param>
    public static Argument<ImageReference> Reference(string name, string description, Func<ImageReference, string?> check) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(result, check)!,
    };

    /// <summary>A registry: host and port.</summary>
    public static Argument<string> Host(string description) =>
        new("HOST") { Description = description, CustomParser = ParseHost };

    /// <summary>A registry; Docker Hub when none is named.</summary>
    public static Argument<string> HostOrHub(string description) => new("HOST")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => Hub,
        CustomParser = ParseHost,
    };

    private static string ParseHost(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string host = text;
        foreach (string prefix in (string[])["docker://", "https://", "http://"])
        {
            host = host.StartsWith(prefix, StringComparison.Ordinal) ? host[prefix.Length..].TrimEnd('/') : host;
        }

        // A name without a dot or a port is a host where only a host can stand.
        if (!host.Contains('/', StringComparison.Ordinal) && ImageReference.TryParse($"{WithPort(host)}/x", out ImageReference? any))
        {
            return any.Domain == WithPort(host) ? host : any.Domain;
        }

        result.AddError($"'{text}' is not a registry: expected HOST[:PORT]");
        return "";
    }

    private static string WithPort(string host) => host.AsSpan().ContainsAny('.', ':') || host == "localhost" ? host : $"{host}:443";

    private static ImageReference? Parse(ArgumentResult result, Func<ImageReference, string?> check)
    {
        string text = result.Tokens[0].Value;
        try
        {
            var place = Place.Parse(text, PlainName.InRegistry, takesPath: false);
            if (place.Kind != PlaceKind.Image || place.Image!.Transport != ImageTransport.Registry)
            {
                result.AddError($"'{text}': this verb works on registries only");
                return null;
            }

            ImageReference reference = ImageReference.Parse(place.Image.Name!);
            if (check(reference) is { } fault)
            {
                result.AddError($"'{text}': {fault}");
            }

            return reference;
        }
        catch (MalformedDataException fault)
        {
            result.AddError(fault.Message);
            return null;
        }
    }
}
