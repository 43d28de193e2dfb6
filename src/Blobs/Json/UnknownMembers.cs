using System.Runtime.InteropServices;
using System.Text.Json;

namespace Blobs.Json;

/// <summary>
/// Members of a JSON object that its reader does not know: the bytes of each value, and behind which known member it stands. Whoever writes
/// the object anew writes them there, so what a newer engine or another tool noted is not lost.
/// </summary>
internal sealed class UnknownMembers
{
    private readonly (string? After, string Name, byte[] Json)[] _members;

    private UnknownMembers((string? After, string Name, byte[] Json)[] members) => _members = members;

    /// <summary>No such members.</summary>
    public static UnknownMembers None { get; } = new([]);

    /// <summary>All of them, in the order of the document.</summary>
    public IEnumerable<(string Name, byte[]? Json)> All => _members.Select(member => (member.Name, (byte[]?)member.Json));

    /// <summary>What stands behind a known member, or before all of them.</summary>
    /// <param name="known">A member that the writer knows; null for the start of the object.</param>
    public IEnumerable<(string Name, byte[]? Json)> Behind(string? known) => _members
        .Where(member => member.After == known)
        .Select(member => (member.Name, (byte[]?)member.Json));

    /// <summary>Reads them from an object. Names that are known match in any case, as in Go. Of members with one name the last one
    /// counts, in the place of the first.</summary>
    /// <param name="objects">The object as it came: all that stand under its name.</param>
    /// <param name="known">The names that are known.</param>
    public static UnknownMembers Of(IReadOnlyList<JsonElement> objects, IReadOnlyCollection<string> known)
    {
        var members = new List<(string? After, string Name, byte[] Json)>();
        var places = new Dictionary<string, int>();
        string? after = null;
        foreach (JsonProperty member in objects.SelectMany(value => value.EnumerateObject()))
        {
            string own = GoValue.NameOf(member);
            if (Match(known, own) is { } name)
            {
                after = name;
            }
            else if (places.TryGetValue(own, out int place))
            {
                members[place] = members[place] with { Json = Bytes(member.Value) };
            }
            else
            {
                places.Add(own, members.Count);
                members.Add((after, own, Bytes(member.Value)));
            }
        }

        return members.Count == 0 ? None : new UnknownMembers([.. members]);
    }

    /// <summary>The known name that a member's name is one of; null when it is none.</summary>
    public static string? Match(IEnumerable<string> known, string name) =>
        known.FirstOrDefault(one => one.Equals(GoObject.Folded(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>A value, byte for byte.</summary>
    public static byte[] Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();
}
