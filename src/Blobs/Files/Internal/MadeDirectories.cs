using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Creates directories and remembers them, so that a failure can remove those that are still empty. Safe for
/// concurrent use.</summary>
/// <param name="isDurable">Whether the name of each new directory is flushed to disk.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class MadeDirectories(bool isDurable = false)
{
    /// <summary>0755, the mode of directories that all users may list.</summary>
    public const UnixFileMode Readable = SmallFile.Readable
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly List<string> _made = [];

    /// <summary>Whether no directory was created.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_made)
            {
                return _made.Count == 0;
            }
        }
    }

    /// <summary>Creates a directory and its parents as needed, all with this exact mode.</summary>
    public void Ensure(string path, UnixFileMode mode)
    {
        if (FilePath.IsDirectory(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            Ensure(parent, mode);
        }

        lock (_made)
        {
            if (!FilePath.IsDirectory(path))
            {
                DurableDirectory.Make(path, mode);
                _made.Add(path);
                File.SetUnixFileMode(path, mode);
                if (isDurable && !string.IsNullOrEmpty(parent))
                {
                    DurableDirectory.Flush(parent);
                }
            }
        }
    }

    /// <summary>Removes the created directories, the latest first, up to the first that is not empty: those above it
    /// are needed too.</summary>
    public void Undo()
    {
        lock (_made)
        {
            try
            {
                for (int i = _made.Count - 1; i >= 0; i--)
                {
                    Directory.Delete(_made[i]);
                }
            }
            catch (IOException)
            {
                // The directory is in use, by us or by another process.
            }

            _made.Clear();
        }
    }
}
