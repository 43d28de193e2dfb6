namespace Blobs.Cli;

/// <summary>Files and standard streams by the name a user types.</summary>
internal static class Inputs
{
    private const int BufferBytes = 0;

    /// <summary>A file for reading, or standard input for <c>-</c>. The length is known for files only.</summary>
    public static Stream OpenRead(string name, out long? length)
    {
        if (name == "-")
        {
            length = null;
            return StandardStreams.OpenInput();
        }

        var file = new FileStream(
            name, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        length = file.CanSeek && file.Length > 0 ? file.Length : null;
        return file;
    }
}
