using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Handles the names of layers' directories in a driver's home.</summary>
internal static class DriverDirectories
{
    /// <summary>Returns the names of all directories in a driver's home; empty if the home does not exist.</summary>
    public static IEnumerable<string> NamesIn(string home) =>
        FilePath.IsDirectory(home) ? DirectoryList.Directories(home).Select(path => Path.GetFileName(path)) : [];

    /// <summary>Whether a name has a form that dockerd uses, including BuildKit's names and those of old
    /// versions.</summary>
    public static bool IsOfEngine(string name) => CacheId.IsOne(Bare(name));

    /// <summary>Creates a driver's home. The root user of the containers can traverse it.</summary>
    public static void Ensure(MadeDirectories made, string home, OwnerMap owners)
    {
        if (!Directory.Exists(home))
        {
            made.Ensure(home, Modes.Passable);
            owners.LetThrough(home);
        }
    }

    /// <summary>Whether a name has the form that the layer store uses: 64 hex digits, optionally followed by
    /// <c>-init</c>, which marks the layer below a container's layer. Other names belong to other components, such as
    /// BuildKit's snapshots.</summary>
    public static bool IsOfStore(string name)
    {
        string id = Bare(name);
        return id.Length == 64 && id.All(char.IsAsciiHexDigitLower);
    }

    private static string Bare(string name) =>
        name.EndsWith(RootPaths.InitSuffix, StringComparison.Ordinal) ? name[..^RootPaths.InitSuffix.Length] : name;
}
