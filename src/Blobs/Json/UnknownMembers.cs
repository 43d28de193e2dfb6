using System.Runtime.InteropServices;
using System.Text.Json;
using Blobs.Json.Internal;

namespace Blobs.Json;

/// <summary>
/// Members of a JSON object that its reader does not know: the bytes of each value, and the known member that it follows. When the
/// object is written again, they go to the same places, so that nothing that a newer engine or another tool wrote is lost.
/// </summary>
public sealed class UnknownMembers
{
    private readonly (string? After, string Name, byte[] Json)[] _members;

    private UnknownMembers((string? After, string Name, byte[] Json)[] members) => _members = members;

    /// <summary>No such members.</summary>
    public static UnknownMembers None { get; } = new([]);

    /// <summary>All of them, in the order of the document.</summary>
    internal IEnumerable<(string Name, byte[]? Json)> All => _members.Select(member => (member.Name, (byte[]?)member.Json));

    /// <summary>The unknown members that follow a known one.</summary>
    /// <param name="known">The name of the known member; null for the start of the object.</param>
    internal IEnumerable<(string Name, byte[]? Json)> After(string? known) => _members
        .Where(member => member.After == known)
        .Select(member => (member.Name, (byte[]?)member.Json));

    /// <summary>Reads the unknown members of an object. Known names match in any case, as in Go. If several members have the same name,
    /// the value of the last one takes the place of the first.</summary>
    /// <param name="objects">The object, or all objects that appear under its name.</param>
    /// <param name="known">The known names.</param>
    internal static UnknownMembers Of(IReadOnlyList<JsonElement> objects, IReadOnlyCollection<string> known)
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

    /// <summary>The known name that a member's name matches; null if it matches none.</summary>
    internal static string? Match(IEnumerable<string> known, string name) =>
        known.FirstOrDefault(one => one.Equals(GoObject.Folded(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>The bytes of a value, exactly as in the document.</summary>
    internal static byte[] Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();
}
