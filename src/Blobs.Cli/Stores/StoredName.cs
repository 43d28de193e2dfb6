using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Places;
using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>An image of a store, as a user types it: a name or id in the store that <c>--root</c> names, or
/// <c>containers-storage:[ROOT//]NAME</c>, <c>docker-data:ROOT//NAME</c> and the like, which name another store.</summary>
/// <param name="Store">The other store; null for that of <c>--root</c>.</param>
/// <param name="Name">The name or id; empty when the store alone was named.</param>
internal sealed record StoredName(ImagePlace? Store, string Name)
{
    /// <summary>One image.</summary>
    public static Argument<StoredName> Argument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(result, result.Tokens[0].Value)!,
    };

    /// <summary>One or more images.</summary>
    public static Argument<StoredName[]> Arguments(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token.Value)!)],
    };

    /// <summary>A word as the user typed it.</summary>
    /// <param name="word">The word.</param>
    /// <param name="needsName">Whether a store alone is no answer.</param>
    /// <exception cref="MalformedDataException">It names a place that is no store, or no image there.</exception>
    public static StoredName Split(string word, bool needsName = true)
    {
        if (!ImagePlace.Stores.Any(prefix => word.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return IsOfNoStore(word)
                ? throw Refused($"'{word}': name an image of the root, of containers-storage: or of containerd:")
                : new StoredName(null, word);
        }

        if (!needsName && ImagePlace.Stores.Contains(word))
        {
            return new StoredName(ImagePlace.ParseStore(word), "");
        }

        ImagePlace place = ImagePlace.Parse(word);
        return place switch
        {
            { IsStore: false } => throw Refused($"{word}: holds layers, not images; only copy, pull and load write there"),
            { Name: null } when needsName => throw Refused($"'{word}': name an image"),
            _ => new StoredName(place with { Name = null }, place.Name ?? ""),
        };
    }

    public override string ToString() => Store is null ? Name : $"{Store with { Name = Name }}";

    // An image with this name and id is looked for; other words are wrong usage.
    private static StoredName? Parse(ArgumentResult result, string word)
    {
        try
        {
            StoredName name = Split(word);
            return References.FaultIn(name.Name) is { } fault ? throw Refused(fault) : name;
        }
        catch (MalformedDataException fault)
        {
            result.AddError(fault.Message);
            return null;
        }
    }

    // A word such as oci:1 can be the name of an image.
    private static bool IsOfNoStore(string word) => Place.IsContainerOrLayer(word)
        || (ImagePlace.Prefixes.Any(prefix => word.StartsWith(prefix, StringComparison.Ordinal)) && References.FaultIn(word) is not null);

    private static MalformedDataException Refused(string why) => new(Fault.ReferenceSyntax, 0, why);
}
