using Blobs.Files;

namespace Blobs.Cli;

/// <summary>Opens input by the name that a user types.</summary>
internal static class Inputs
{
    /// <summary>Opens a file, or standard input for <c>-</c>. <paramref name="length"/> is null where it is unknown.</summary>
    public static Stream OpenRead(string name, out long? length)
    {
        FileStream file = InputFile.OpenRead(name);
        length = name != InputFile.StandardInput && file.CanSeek && file.Length > 0 ? file.Length : null;
        return file;
    }
}
