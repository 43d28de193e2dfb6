using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>A temporary file without a name: it disappears when it is closed or the process ends.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SpoolFile
{
    /// <summary>Creates one on the file system of a directory. A directory that did not exist does not exist afterwards
    /// either.</summary>
    public static FileStream Create(string directory, UnixFileMode directoryMode)
    {
        var made = new MadeDirectories();
        made.Ensure(directory, directoryMode);
        string path = Path.Combine(directory, TemporaryNames.Hidden.NameFor(""));
        try
        {
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
            File.Delete(path);
            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Errno.Error("open", fault, directory);
        }
        finally
        {
            made.Undo();
        }
    }

    /// <summary>Writes to one; as it has no name, errors show the directory.</summary>
    public static void Append(FileStream file, byte[] buffer, int count, string directory) =>
        Errno.Naming("write", directory, () => file.Write(buffer, 0, count));
}
