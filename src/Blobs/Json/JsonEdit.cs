using System.Text.Json;
using Blobs.Json.Internal;

namespace Blobs.Json;

/// <summary>Changes JSON objects: members that a change does not name keep their bytes and their position, known or
/// not.</summary>
internal static class JsonEdit
{
    /// <summary>Options for reading a document that has been read before, and so is valid.</summary>
    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = GoDocument.DepthMax };

    /// <summary>An object with some members replaced, or removed where the new value is null. Members keep their order;
    /// new ones come last.</summary>
    /// <param name="old">The object; anything else counts as an empty one.</param>
    /// <param name="replaced">The new values.</param>
    public static byte[] Replace(JsonElement old, IReadOnlyList<(string Name, byte[]? Json)> replaced)
    {
        string[] names = [.. replaced.Select(member => member.Name)];
        bool isObject = old.ValueKind == JsonValueKind.Object;
        UnknownMembers others = isObject ? UnknownMembers.Of([old], names) : UnknownMembers.None;
        string[] there = !isObject ? [] :
        [
            .. old.EnumerateObject()
                .Select(member => UnknownMembers.Match(names, GoValue.NameOf(member)))
                .OfType<string>()
                .Distinct(),
        ];
        IEnumerable<(string Name, byte[]? Json)> ordered = there.Select(name => replaced.First(member => member.Name == name))
            .Concat(replaced.Where(member => !there.Contains(member.Name)));
        return GoJsonWriter.Value(json => json.Object(ordered, others));
    }

    /// <summary>The value of a member; the last of several, as Go reads it.</summary>
    public static JsonElement Find(JsonElement value, string name) => value.ValueKind != JsonValueKind.Object
        ? default
        : value.EnumerateObject().LastOrDefault(member => UnknownMembers.Match([name], GoValue.NameOf(member)) is not null).Value;

    /// <summary>The elements of a list; none if the member is something else.</summary>
    public static JsonElement[] Elements(JsonElement value, string name) =>
        Find(value, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A list of values that are JSON already.</summary>
    public static byte[] Array(IEnumerable<byte[]> values) => GoJsonWriter.Value(json =>
    {
        json.BeginArray();
        foreach (byte[] value in values)
        {
            json.Raw(value);
        }

        json.EndArray();
    });

    /// <summary>A string as JSON.</summary>
    public static byte[] Text(string text) => GoJsonWriter.Value(json => json.String(text));
}
