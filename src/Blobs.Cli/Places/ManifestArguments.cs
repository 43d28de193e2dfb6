using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Errors;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>Arguments that take places with manifests: a registry, an OCI layout or an OCI archive. Any other place is a usage
/// error.</summary>
internal static class ManifestArguments
{
    /// <summary>The forms, for the help.</summary>
    public const string Forms = "a name in a registry, oci:DIR[:TAG] or oci-archive:FILE[:TAG]";

    /// <summary>A required place.</summary>
    public static Argument<Place> Required(string name, string description)
    {
        Argument<Place> argument = PlaceArguments.Required(name, description, PlainName.InRegistry, takesPath: false);
        argument.Validators.Add(result => Check(result, result.Tokens, FaultIn));
        return argument;
    }

    /// <summary>One or more places.</summary>
    public static Argument<Place[]> Many(string name, string description)
    {
        Argument<Place[]> argument =
            PlaceArguments.Many(name, description, ArgumentArity.OneOrMore, PlainName.InRegistry, takesPath: false);
        argument.Validators.Add(result => Check(result, result.Tokens, FaultIn));
        return argument;
    }

    /// <summary>An option that takes a place.</summary>
    public static Option<Place?> Option(string name, string description)
    {
        Option<Place?> option = PlaceArguments.Option(name, description, PlainName.InRegistry);
        option.Validators.Add(result => Check(result, result.Tokens, FaultIn));
        return option;
    }

    /// <summary>A required repository or layout, without a tag.</summary>
    public static Argument<Place> Repository(string name, string description)
    {
        Argument<Place> argument = PlaceArguments.Required(name, description, PlainName.InRegistry, takesPath: false);
        argument.Validators.Add(result => Check(result, result.Tokens, FaultInRepository));
        return argument;
    }

    private static string? FaultIn(Place place) => place.Image?.KeepsManifests is true
        ? null
        : $"{place}: holds no manifests; expected a registry, oci:DIR or oci-archive:FILE";

    private static string? FaultInRepository(Place place) => place.Image switch
    {
        { Transport: ImageTransport.Oci, Name: null } => null,
        { Transport: ImageTransport.Registry, Name: { } name }
            when ImageReference.Parse(name) is { Tag: null, Digest: null } => null,
        { Transport: ImageTransport.Oci or ImageTransport.Registry } => $"{place}: name it without a tag; --tag chooses tags",
        _ => $"{place}: has no tags; expected a repository in a registry, or oci:DIR",
    };

    // A word that is no place at all is reported already.
    private static void Check(SymbolResult result, IEnumerable<Token> words, Func<Place, string?> faultIn)
    {
        foreach (Token word in words)
        {
            try
            {
                if (faultIn(Place.Parse(word.Value, PlainName.InRegistry, takesPath: false)) is { } fault)
                {
                    result.AddError(fault);
                }
            }
            catch (MalformedDataException)
            {
                return;
            }
        }
    }
}
