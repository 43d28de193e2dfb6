using System.Globalization;
using System.Text;
using Blobs.Errors;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>Files of a line or two, as metadata stores keep them: exact bytes, exact mode. Whoever gives them a
/// name that counts syncs them with everything else first.</summary>
internal static class SmallFile
{
    public const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Makes a file that was not there.</summary>
    public static void Create(string path, string content, UnixFileMode mode = Readable)
    {
        using NewFile file = NewFile.Create(path, path, mode);
        file.Write(Encoding.ASCII.GetBytes(content));
    }

    /// <summary>Reads a whole file; null when it is not there.</summary>
    /// <exception cref="StoreException">It has more than <paramref name="bytesMax"/> bytes.</exception>
    public static byte[]? TryRead(string path, int bytesMax)
    {
        using SafeFileHandle? file = FileHandle.TryOpenRead(path);
        if (file is null)
        {
            return null;
        }

        long length = RandomAccess.GetLength(file);
        if (length > bytesMax)
        {
            throw new StoreException(
                path, string.Create(CultureInfo.InvariantCulture, $"{path}: has {length} bytes, expected at most {bytesMax}"));
        }

        var content = new byte[length];
        int read = RandomAccess.Read(file, content, 0);
        return read == length ? content : content[..read];
    }

    /// <summary>What is in a file; null when it is not there, or is no file.</summary>
    /// <exception cref="IOException">The kernel cannot give it at this moment, or the disk not at all.</exception>
    public static string? TryReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (UnauthorizedAccessException) when (FilePath.IsDirectory(path))
        {
            return null;
        }
        catch (IOException fault) when (!Errno.IsTrouble(fault))
        {
            return null;
        }
    }

    /// <summary>A whole file that has at most so many bytes.</summary>
    public static byte[] ReadBytes(string path, int bytesMax)
    {
        using FileStream file = FileHandle.OpenRead(path);
        if (file.Length > bytesMax)
        {
            throw new StoreException(path, $"{path}: is {file.Length} bytes long, more than {bytesMax}");
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
