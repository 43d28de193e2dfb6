using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>Arguments and options that take image names. A word that cannot be one is a usage error.</summary>
internal static class References
{
    /// <summary>A required image name.</summary>
    public static Argument<ImageReference> Argument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(result)!,
    };

    /// <summary>One or more image names.</summary>
    public static Argument<ImageReference[]> Arguments(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token)).OfType<ImageReference>()],
    };

    /// <summary>An optional image name.</summary>
    public static Argument<ImageReference?> OptionalArgument(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? null : Parse(result),
    };

    /// <summary>An option that takes an image name.</summary>
    public static Option<ImageReference?> Option(string description, params string[] names) => new(names[0], names[1..])
    {
        Description = description,
        HelpName = "NAME",
        CustomParser = Parse,
    };

    /// <summary>Rejects a digest in a name that an image is to get.</summary>
    public static Argument<T> ForNewName<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => RefuseDigest(result, result.Tokens));
        return argument;
    }

    /// <inheritdoc cref="ForNewName{T}(Argument{T})"/>
    public static Option<T> ForNewName<T>(this Option<T> option)
    {
        option.Validators.Add(result => RefuseDigest(result, result.Tokens));
        return option;
    }

    /// <summary>Rejects a word that is neither a valid image name nor an id or the start of one.</summary>
    public static Argument<T> ForImages<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => RefuseOthers(result, result.Tokens));
        return argument;
    }

    /// <inheritdoc cref="ForImages{T}(Argument{T})"/>
    public static Option<T> ForImages<T>(this Option<T> option)
    {
        option.Validators.Add(result => RefuseOthers(result, result.Tokens));
        return option;
    }

    /// <summary>Why a word can be neither an image's name nor its id; null when it can.</summary>
    public static string? FaultIn(string word)
    {
        if (Digest.TryParse(DigestText.Sha256Prefix + word, null, out _) || ImageReference.TryParse(word, out _))
        {
            return null;
        }

        try
        {
            ImageReference.Parse(word);
            return null;
        }
        catch (MalformedDataException fault)
        {
            return fault.Message;
        }
    }

    private static ImageReference? Parse(ArgumentResult result) => Parse(result, result.Tokens[0]);

    private static ImageReference? Parse(ArgumentResult result, Token word)
    {
        try
        {
            return ImageReference.Parse(word.Value);
        }
        catch (MalformedDataException fault)
        {
            result.AddError(fault.Message);
            return null;
        }
    }

    /// <inheritdoc cref="ForImages{T}(Argument{T})"/>
    public static void RefuseOthers(SymbolResult result, IEnumerable<Token> words)
    {
        foreach (string fault in words.Select(word => FaultIn(word.Value)).OfType<string>())
        {
            result.AddError(fault);
        }
    }

    /// <inheritdoc cref="ForNewName{T}(Argument{T})"/>
    public static void RefuseDigest(SymbolResult result, string word)
    {
        if (ImageReference.TryParse(word, out ImageReference? reference) && reference.Digest is not null)
        {
            result.AddError($"'{word}': a new name cannot contain a digest; give a tag");
        }
    }

    private static void RefuseDigest(SymbolResult result, IEnumerable<Token> words)
    {
        foreach (Token word in words)
        {
            RefuseDigest(result, word.Value);
        }
    }
}
