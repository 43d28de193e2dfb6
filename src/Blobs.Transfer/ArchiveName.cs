using System.Text;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>Normalizes names inside an image archive for comparison; they never become paths on disk.</summary>
internal static class ArchiveName
{
    /// <summary>Cleans a name: no <c>.</c>, no <c>..</c>, no leading or trailing slash.</summary>
    public static string Clean(string name)
    {
        var components = new List<string>();
        foreach (string component in name.Split('/'))
        {
            if (component == "..")
            {
                components.RemoveRange(Math.Max(0, components.Count - 1), Math.Min(1, components.Count));
            }
            else if (component is not ("" or "."))
            {
                components.Add(component);
            }
        }

        return string.Join('/', components);
    }

    public static string Clean(ReadOnlySpan<byte> name) => Clean(Encoding.UTF8.GetString(name));

    /// <summary>The top-level directory that a member is in, or is; null for other top-level members.</summary>
    public static string? DirectoryOf(ArchiveMember member)
    {
        int slash = member.Name.IndexOf('/');
        return slash >= 0 ? member.Name[..slash]
            : member.Type == TarEntryType.Directory && member.Name.Length > 0 ? member.Name : null;
    }

    /// <summary>The cleaned target of a symbolic link, relative to its directory or, if absolute, to the
    /// root.</summary>
    public static string Follow(string link, string target)
    {
        int slash = link.LastIndexOf('/');
        return Clean(target.StartsWith('/') || slash < 0 ? target : $"{link[..slash]}/{target}");
    }
}
