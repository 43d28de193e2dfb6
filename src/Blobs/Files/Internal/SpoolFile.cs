using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>A file without a name: it is gone when it is closed, also when the process ends in any other way.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SpoolFile
{
    /// <summary>Makes one on the disk of a directory, which need not be there and is not there afterwards if it was not.</summary>
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

    /// <summary>Writes to one, which has no name: the disk that does not take it is that of the directory.</summary>
    public static void Append(FileStream file, byte[] buffer, int count, string directory) =>
        Errno.Naming("write", directory, () => file.Write(buffer, 0, count));
}
