using System.Globalization;
using System.Text;

namespace Blobs.Files;

/// <summary>Names of this machine's users and groups (passwd(5), group(5)).</summary>
internal sealed class OwnerNames
{
    private readonly Dictionary<uint, byte[]> _users = Read("/etc/passwd");
    private readonly Dictionary<uint, byte[]> _groups = Read("/etc/group");

    /// <summary>The user's name; empty when there is none.</summary>
    public byte[] UserOf(uint number) => _users.GetValueOrDefault(number) ?? [];

    public byte[] GroupOf(uint number) => _groups.GetValueOrDefault(number) ?? [];

    // "name:password:number:…" in both files; the first line of a number counts.
    private static Dictionary<uint, byte[]> Read(string path)
    {
        var names = new Dictionary<uint, byte[]>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            {
                names.TryAdd(number, Encoding.UTF8.GetBytes(fields[0]));
            }
        }

        return names;
    }
}
