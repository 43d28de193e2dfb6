using System.Security.Cryptography;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>What files are called in a kind of directory until they are whole. Whatever else reads the directory passes such names
/// over, and what sweeps it removes them.</summary>
public sealed class TemporaryNames
{
    private const int RandomBytes = 8;
    private const int GoDigits = 9;

    private readonly Func<string, string> _nameFor;

    private TemporaryNames(Func<string, string> nameFor) => _nameFor = nameFor;

    /// <summary>In a data root <c>.tmp-NAME123456789</c>, as Go programs name theirs.</summary>
    public static TemporaryNames Engine { get; } =
        new(name => $"{HiddenPrefix}{name}{RandomNumberGenerator.GetString("0123456789", GoDigits)}");

    /// <summary>In a registry's store <c>NAME.HEX.tmp</c>, as the reference registry's third version has it.</summary>
    public static TemporaryNames Registry { get; } = new(name => $"{name}.{Hex()}.tmp");

    /// <summary>In a folder of the user's <c>.tmp-HEX</c>, whatever the name will be.</summary>
    public static TemporaryNames Hidden { get; } = new(_ => HiddenPrefix + Hex());

    /// <summary>What hidden names begin with.</summary>
    public const string HiddenPrefix = ".tmp-";

    /// <summary>A new name for a file that is to have this one.</summary>
    public string NameFor(string name) => _nameFor(name);

    /// <summary>The path of a new file that is to have this one, in the same directory.</summary>
    public string PathFor(string path) => Path.Combine(Path.GetDirectoryName(path)!, NameFor(Path.GetFileName(path)));

    /// <summary>Files in a directory that never became whole, of ours and of Go programs.</summary>
    public static IEnumerable<string> HiddenIn(string directory) => DirectoryList.Files(directory, $"{HiddenPrefix}*");

    /// <summary>Whether a file is one of them.</summary>
    public static bool IsHidden(string path) => Path.GetFileName(path).StartsWith(HiddenPrefix, StringComparison.Ordinal);

    private static string Hex() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
}
