using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker.Images;

/// <summary>
/// <c>repositories.json</c> at one moment, as an immutable value: the image of each name. A name is a tag or a manifest
/// digest in a repository. Keys are familiar names, kept as read; keys that do not parse are ignored and kept.
/// </summary>
public sealed class NameTable
{
    private const string Member = "Repositories";

    private static readonly ImmutableSortedDictionary<string, string> NoNames =
        ImmutableSortedDictionary.Create<string, string>(GoOrder.Instance);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> _repositories;

    private readonly UnknownMembers _unknown;

    private NameTable(
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> repositories, UnknownMembers? unknown = null)
    {
        _repositories = repositories;
        _unknown = unknown ?? UnknownMembers.None;
    }

    /// <summary>No names.</summary>
    internal static NameTable Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, string>>(GoOrder.Instance));

    /// <summary>Every name with the id of its image, in the order of their full forms.</summary>
    public IEnumerable<KeyValuePair<ImageReference, Digest>> All => _repositories.Values
        .SelectMany(names => names)
        .Select(item => ImageReference.TryParse(item.Key, out ImageReference? name) && Digest.TryParse(item.Value, null, out Digest id)
            ? KeyValuePair.Create(name, id)
            : default)
        .Where(item => item.Key is not null)
        .OrderBy(item => item.Key.ToString(), GoOrder.Instance);

    /// <summary>The names of an image, tags and digests, in the order of their full forms.</summary>
    public IEnumerable<ImageReference> Of(Digest image) => All.Where(item => item.Value == image).Select(item => item.Key);

    /// <summary>The names in a repository.</summary>
    public IEnumerable<KeyValuePair<ImageReference, Digest>> In(ImageReference repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return All.Where(item => item.Key.Name == repository.Name);
    }

    /// <summary>The image of a name: of its <c>latest</c> without a tag and digest, of the digest alone with
    /// both.</summary>
    public bool TryGet(ImageReference name, [NotNullWhen(true)] out Digest? image)
    {
        ArgumentNullException.ThrowIfNull(name);
        ImageReference key = KeyOf(name);
        image = _repositories.TryGetValue(key.FamiliarName, out ImmutableSortedDictionary<string, string>? names)
            && names.TryGetValue(key.Familiar, out string? text) && Digest.TryParse(text, null, out Digest id)
            ? id
            : null;
        return image is not null;
    }

    /// <summary>This table with a new name, or with a tag moved to another image. An existing digest is never moved;
    /// the result is then this table.</summary>
    internal NameTable With(ImageReference name, Digest image)
    {
        ImageReference key = KeyOf(name);
        ImmutableSortedDictionary<string, string> names = _repositories.GetValueOrDefault(key.FamiliarName, NoNames);
        return key.Digest is not null && names.ContainsKey(key.Familiar)
            ? this
            : new NameTable(_repositories.SetItem(key.FamiliarName, names.SetItem(key.Familiar, $"{image}")), _unknown);
    }

    /// <summary>This table without a name; a repository is removed with its last name.</summary>
    internal NameTable Without(ImageReference name)
    {
        ImageReference key = KeyOf(name);
        ImmutableSortedDictionary<string, string> names =
            _repositories.GetValueOrDefault(key.FamiliarName, NoNames).Remove(key.Familiar);
        return new NameTable(
            names.IsEmpty ? _repositories.Remove(key.FamiliarName) : _repositories.SetItem(key.FamiliarName, names),
            _unknown);
    }

    internal static NameTable Parse(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using GoDocument document = GoDocument.ParseFirst(json, path, Fault.RootDocument);
            return new NameTable(Empty._repositories.SetItems(Repositories(document.Root).Select(repository =>
                KeyValuePair.Create(repository.Key, NoNames.SetItems(repository.Value)))),
                document.Root.Object().Unknown([Member]));
        }
        catch (MalformedDataException error)
        {
            throw new StoreException(path, $"{error.Message}: this is not a table of names", error);
        }
    }

    /// <summary>The JSON of the table: repositories, with the image of each name.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Repositories(GoValue document) =>
        document.Object()[Member].Map(names => names.TextMap() ?? ImmutableDictionary<string, string>.Empty)
            ?? ImmutableDictionary<string, IReadOnlyDictionary<string, string>>.Empty;

    internal byte[] ToJson()
    {
        IEnumerable<(string Name, byte[]? Json)> repositories = _repositories.Select(item =>
            (item.Key, (byte[]?)GoJsonWriter.Value(json => json.Map(item.Value))));
        return GoJsonWriter.Value(json => json.Object([(Member, GoJsonWriter.Value(value => value.Object(repositories)))], _unknown));
    }

    private static ImageReference KeyOf(ImageReference name) =>
        name.Digest is { } digest ? name.WithDigest(digest) : name.WithDefaultTag();
}
