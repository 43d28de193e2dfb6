namespace Blobs.Layers;

/// <summary>The names of layers in a driver's home.</summary>
internal static class DriverDirectories
{
    /// <summary>Every directory there; nothing when the home is not there.</summary>
    public static IEnumerable<string> NamesIn(string home) =>
        Directory.Exists(home) ? Directory.EnumerateDirectories(home).Select(path => Path.GetFileName(path)) : [];

    /// <summary>Whether the store gives such names: 64 hex digits, and behind them <c>-init</c> for what is below a container's layer.
    /// Other names belong to others, such as BuildKit's snapshots.</summary>
    public static bool IsOfStore(string name)
    {
        string id = name.EndsWith(LayerPaths.InitSuffix, StringComparison.Ordinal) ? name[..^LayerPaths.InitSuffix.Length] : name;
        return id.Length == 64 && id.All(char.IsAsciiHexDigitLower);
    }
}
