using Blobs.Files;

namespace Blobs.Cli;

/// <summary>Files and standard input by the name a user types.</summary>
internal static class Inputs
{
    /// <summary>A file for reading, or standard input for <c>-</c>. The length is known for files only.</summary>
    public static Stream OpenRead(string name, out long? length)
    {
        FileStream file = InputFile.OpenRead(name);
        length = name != InputFile.StandardInput && file.CanSeek && file.Length > 0 ? file.Length : null;
        return file;
    }
}
