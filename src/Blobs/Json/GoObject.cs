using System.Text.Json;

namespace Blobs.Json;

/// <summary>A struct: members by name, in any case. Of an object that stands under its name several times all members count.</summary>
internal sealed class GoObject
{
    private readonly GoDocument _document;
    private readonly JsonElement _owner;
    private readonly IReadOnlyList<JsonElement> _objects;
    private readonly Dictionary<string, List<JsonElement>> _members = new(StringComparer.OrdinalIgnoreCase);

    public GoObject(GoDocument document, JsonElement owner, IReadOnlyList<JsonElement> objects)
    {
        _document = document;
        _owner = owner;
        _objects = objects;
        foreach (JsonElement part in objects)
        {
            foreach (JsonProperty member in part.EnumerateObject())
            {
                string name = GoValue.NameOf(member);
                All.Add((name, member.Value));
                if (!_members.TryGetValue(Folded(name), out List<JsonElement>? values))
                {
                    _members.Add(Folded(name), values = []);
                    Names.Add(name);
                }

                values.Add(member.Value);
            }
        }
    }

    /// <summary>Every member as it stands, in the document's order.</summary>
    public List<(string Name, JsonElement Value)> All { get; } = [];

    /// <summary>Names as the document has them, in its order; of those that differ in case only, the first.</summary>
    public List<string> Names { get; } = [];

    /// <summary>A member, there or not.</summary>
    public GoValue this[string name] => new(_document, _owner, _members.GetValueOrDefault(Folded(name)) ?? []);

    /// <summary>Members that its reader does not know.</summary>
    /// <param name="known">Those it knows.</param>
    public UnknownMembers Unknown(IReadOnlyCollection<string> known) => UnknownMembers.Of(_objects, known);

    /// <summary>What is wrong with the object as a whole.</summary>
    public Exception Refuse(string why) => _document.Refuse(_owner, why);

    // Two letters beyond ASCII have small letters within it, and Go folds them: the long s, and the sign of Kelvin.
    internal static string Folded(string name) => name.AsSpan().ContainsAny('\u017f', '\u212a')
        ? name.Replace('\u017f', 's').Replace('\u212a', 'k')
        : name;
}
