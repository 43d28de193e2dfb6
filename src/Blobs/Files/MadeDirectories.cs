namespace Blobs.Files;

/// <summary>Directories made on the way to something, so that a failure can take them back where nothing else came into them.</summary>
internal sealed class MadeDirectories
{
    private readonly List<string> _made = [];

    /// <summary>Makes a directory, unless it is there, with an exact mode; those above it are made as it is.</summary>
    public void Ensure(string path, UnixFileMode mode)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            Ensure(parent, mode);
        }

        Directory.CreateDirectory(path, mode);
        File.SetUnixFileMode(path, mode);
        _made.Add(path);
    }

    /// <summary>Removes what was made and is empty, the innermost first.</summary>
    public void Undo()
    {
        for (int i = _made.Count - 1; i >= 0; i--)
        {
            try
            {
                Directory.Delete(_made[i]);
            }
            catch (IOException)
            {
                // Somebody else has put something there: it is theirs now.
            }
        }

        _made.Clear();
    }
}
