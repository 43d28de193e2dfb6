using System.Text.Json;

namespace Blobs.Json;

/// <summary>A struct: members by name, in any case. Of an object that stands under its name several times all members count.</summary>
internal sealed class GoObject
{
    private readonly GoDocument _document;
    private readonly JsonElement _owner;
    private readonly Dictionary<string, List<JsonElement>> _members = new(StringComparer.OrdinalIgnoreCase);

    public GoObject(GoDocument document, JsonElement owner, IReadOnlyList<JsonElement> objects)
    {
        _document = document;
        _owner = owner;
        foreach (JsonElement part in objects)
        {
            foreach (JsonProperty member in part.EnumerateObject())
            {
                string name = GoValue.NameOf(member);
                if (!_members.TryGetValue(Folded(name), out List<JsonElement>? values))
                {
                    _members.Add(Folded(name), values = []);
                    Names.Add(name);
                }

                values.Add(member.Value);
            }
        }
    }

    /// <summary>Names as the document has them, in its order; of those that differ in case only, the first.</summary>
    public List<string> Names { get; } = [];

    /// <summary>A member, there or not.</summary>
    public GoValue this[string name] => new(_document, _owner, _members.GetValueOrDefault(Folded(name)) ?? []);

    /// <summary>What is wrong with the object as a whole.</summary>
    public Exception Refuse(string why) => _document.Refuse(_owner, why);

    // Two letters beyond ASCII have small letters within it, and Go folds them: the long s, and the sign of Kelvin.
    private static string Folded(string name) => name.AsSpan().ContainsAny('\u017f', '\u212a')
        ? name.Replace('\u017f', 's').Replace('\u212a', 'k')
        : name;
}
