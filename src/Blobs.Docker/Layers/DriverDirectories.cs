using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>The names of layers in a driver's home.</summary>
internal static class DriverDirectories
{
    /// <summary>Every directory there; nothing when the home is not there.</summary>
    public static IEnumerable<string> NamesIn(string home) =>
        FilePath.IsDirectory(home) ? DirectoryList.Directories(home).Select(path => Path.GetFileName(path)) : [];

    /// <summary>Whether an engine gives such names, BuildKit's and those of old engines included.</summary>
    public static bool IsOfEngine(string name) => CacheId.IsOne(Bare(name));

    /// <summary>Makes a driver's home, which the containers' root may pass through.</summary>
    public static void Ensure(MadeDirectories made, string home, OwnerMap owners)
    {
        if (!Directory.Exists(home))
        {
            made.Ensure(home, Modes.Passable);
            owners.LetThrough(home);
        }
    }

    /// <summary>Whether the store gives such names: 64 hex digits, and behind them <c>-init</c> for what is below a container's layer.
    /// Other names belong to others, such as BuildKit's snapshots.</summary>
    public static bool IsOfStore(string name)
    {
        string id = Bare(name);
        return id.Length == 64 && id.All(char.IsAsciiHexDigitLower);
    }

    private static string Bare(string name) =>
        name.EndsWith(RootPaths.InitSuffix, StringComparison.Ordinal) ? name[..^RootPaths.InitSuffix.Length] : name;
}
