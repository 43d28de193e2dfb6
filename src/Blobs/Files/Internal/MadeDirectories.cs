using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Directories made on the way to something, so that a failure can take them back where nothing else came into them. Several
/// threads may make theirs at once.</summary>
/// <param name="isDurable">Whether the name of each is put on disk, as that of what comes into it will be.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class MadeDirectories(bool isDurable = false)
{
    private readonly List<string> _made = [];

    /// <summary>Whether nothing was made.</summary>
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

    /// <summary>Makes a directory, unless it is there, with an exact mode; those above it are made as it is.</summary>
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

    /// <summary>Removes what was made, the latest first, as far as nothing has come into it: where something is, what was made before that
    /// is wanted too.</summary>
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
                // Something is in it, of ours or of somebody else's.
            }

            _made.Clear();
        }
    }
}
