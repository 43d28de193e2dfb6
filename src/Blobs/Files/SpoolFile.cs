using System.Security.Cryptography;

namespace Blobs.Files;

/// <summary>A file without a name: it is gone when it is closed, also when the process ends in any other way.</summary>
internal static class SpoolFile
{
    /// <summary>Makes one on the disk of a directory, which need not be there and is not there afterwards if it was not.</summary>
    public static FileStream Create(string directory, UnixFileMode directoryMode)
    {
        var made = new MadeDirectories();
        made.Ensure(directory, directoryMode);
        string path = Path.Combine(directory, $".tmp-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
        File.Delete(path);
        made.Undo();
        return file;
    }
}
