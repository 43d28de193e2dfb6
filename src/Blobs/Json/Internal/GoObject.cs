using System.ComponentModel;
using System.Text.Json;

namespace Blobs.Json.Internal;

/// <summary>An object, read into a Go struct: members by name, in any case. If several members with the same name are objects, Go
/// reads all of them into the same struct, so their members are combined.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoObject
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

    /// <summary>All members, in the document's order.</summary>
    public List<(string Name, JsonElement Value)> All { get; } = [];

    /// <summary>The names of the members, in the document's order. Of names that differ only in case, the first.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The member with a name; it may be absent.</summary>
    public GoValue this[string name] => new(_document, _owner, _members.GetValueOrDefault(Folded(name)) ?? []);

    /// <summary>Members that the reader of the object does not know.</summary>
    /// <param name="known">Names of the members that it knows.</param>
    public UnknownMembers Unknown(IReadOnlyCollection<string> known) => UnknownMembers.Of(_objects, known);

    /// <summary>The error for the object as a whole.</summary>
    public Exception Refuse(string why) => _document.Refuse(_owner, why);

    // Go folds case by Unicode: the long s matches "s", the Kelvin sign "k". No other characters fold to ASCII.
    internal static string Folded(string name) => name.AsSpan().ContainsAny('\u017f', '\u212a')
        ? name.Replace('\u017f', 's').Replace('\u212a', 'k')
        : name;
}
