using System.Security.Cryptography;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>Naming convention for temporary files in a kind of directory. Other readers of the directory ignore such
/// names, and a sweep removes them.</summary>
public sealed class TemporaryNames
{
    private const int RandomBytes = 8;
    private const int GoDigits = 9;

    private readonly Func<string, string> _nameFor;

    private TemporaryNames(Func<string, string> nameFor) => _nameFor = nameFor;

    /// <summary>Of a Docker data root: <c>.tmp-NAME123456789</c>, as dockerd names its own.</summary>
    public static TemporaryNames Engine { get; } =
        new(name => $"{HiddenPrefix}{name}{RandomNumberGenerator.GetString("0123456789", GoDigits)}");

    /// <summary>Of a registry's store: <c>NAME.HEX.tmp</c>, as version 3 of docker-registry names its own.</summary>
    public static TemporaryNames Registry { get; } = new(name => $"{name}.{Hex()}.tmp");

    /// <summary>Of a user's directory: <c>.tmp-HEX</c>, whatever the final name is.</summary>
    public static TemporaryNames Hidden { get; } = new(_ => HiddenPrefix + Hex());

    /// <summary>Prefix of hidden names.</summary>
    internal const string HiddenPrefix = ".tmp-";

    /// <summary>A new temporary name for a file with this final name.</summary>
    public string NameFor(string name) => _nameFor(name);

    /// <summary>A new temporary path, in the same directory, for a file with this final path.</summary>
    public string PathFor(string path) => Path.Combine(Path.GetDirectoryName(path)!, NameFor(Path.GetFileName(path)));

    /// <summary>Temporary files in a directory, left by us or by dockerd.</summary>
    public static IEnumerable<string> HiddenIn(string directory) => DirectoryList.Files(directory, $"{HiddenPrefix}*");

    /// <summary>Whether a path is that of a temporary file with a hidden name.</summary>
    public static bool IsHidden(string path) => Path.GetFileName(path).StartsWith(HiddenPrefix, StringComparison.Ordinal);

    private static string Hex() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
}
