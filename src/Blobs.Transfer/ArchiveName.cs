using System.Text;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>Names inside an archive of images, as text: what is compared, never a path on disk.</summary>
internal static class ArchiveName
{
    /// <summary>The name as below a root: no <c>.</c>, no <c>..</c>, no slash at either end.</summary>
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

    /// <summary>The directory at the top that a member stands in, or is; null when it stands at the top itself.</summary>
    public static string? DirectoryOf(ArchiveMember member)
    {
        int slash = member.Name.IndexOf('/');
        return slash >= 0 ? member.Name[..slash]
            : member.Type == TarEntryType.Directory && member.Name.Length > 0 ? member.Name : null;
    }

    /// <summary>Where a symbolic link leads: from its own directory, or from the root.</summary>
    public static string Follow(string link, string target)
    {
        int slash = link.LastIndexOf('/');
        return Clean(target.StartsWith('/') || slash < 0 ? target : $"{link[..slash]}/{target}");
    }
}
