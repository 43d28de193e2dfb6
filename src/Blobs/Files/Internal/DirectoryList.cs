using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Lists the paths in a directory. Failures become <see cref="SystemCallException"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DirectoryList
{
    private const string Everything = "*";

    /// <exception cref="SystemCallException">It is not there, or cannot be read.</exception>
    public static string[] Entries(string path) => Read(path, Everything, Directory.GetFileSystemEntries);

    /// <inheritdoc cref="Entries"/>
    public static string[] Files(string path, string pattern = Everything) => Read(path, pattern, Directory.GetFiles);

    /// <inheritdoc cref="Entries"/>
    public static string[] Directories(string path, string pattern = Everything) => Read(path, pattern, Directory.GetDirectories);

    private static string[] Read(string path, string pattern, Func<string, string, string[]> read)
    {
        try
        {
            return read(path, pattern);
        }
        catch (DirectoryNotFoundException)
        {
            throw Errno.Error("open", FilePath.IsFile(path) ? Errno.NotDirectory : Errno.NotFound, path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Errno.Error("open", fault, path);
        }
    }
}
