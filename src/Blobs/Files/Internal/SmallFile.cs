using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Blobs.Errors;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>Reads and creates small metadata files. Nothing is flushed here: the caller syncs before it publishes the
/// directory.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SmallFile
{
    public const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int TextBytesMax = 16 << 20;
    private const int PieceBytes = 4096;

    /// <summary>Creates a new file with an exact mode; fails when it exists.</summary>
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
        int read = 0;
        Errno.Naming("read", path, () => read = RandomAccess.Read(file, content, 0));
        return read == length ? content : content[..read];
    }

    /// <summary>The content of a file; null when it does not exist or is not a file.</summary>
    /// <exception cref="SystemCallException">The file cannot be read.</exception>
    /// <exception cref="StoreException">It is longer than 16 MiB.</exception>
    public static string? TryReadText(string path)
    {
        SafeFileHandle? file;
        try
        {
            file = FileHandle.TryOpenRead(path);
        }
        catch (SystemCallException fault) when (!Errno.IsTrouble(fault))
        {
            return null;
        }

        using (file)
        {
            return file is null ? null : TryReadText(file, path);
        }
    }

    /// <summary>The content of a file that must exist.</summary>
    /// <exception cref="StoreException">It is not there, or is no file.</exception>
    /// <exception cref="SystemCallException">It cannot be read.</exception>
    public static string ReadText(string path) =>
        TryReadText(path) ?? throw new StoreException(path, $"{path}: there is no such file");

    /// <summary>Reads a whole file of at most <paramref name="bytesMax"/> bytes.</summary>
    public static byte[] ReadBytes(string path, int bytesMax)
    {
        using FileStream file = FileHandle.OpenRead(path);
        if (file.Length > bytesMax)
        {
            throw new StoreException(path, $"{path}: is {file.Length} bytes long, more than {bytesMax}");
        }

        byte[] bytes = new byte[file.Length];
        Errno.Naming("read", path, () => file.ReadExactly(bytes));
        return bytes;
    }

    // Files in /proc report a length of 0, so read until the end.
    private static string? TryReadText(SafeFileHandle file, string path)
    {
        var content = new List<byte>();
        Span<byte> piece = stackalloc byte[PieceBytes];
        while (true)
        {
            int read = FileHandle.Read((int)file.DangerousGetHandle(), piece, out int errno);
            if (errno == Errno.IsDirectory)
            {
                return null;
            }

            if (errno != Errno.None)
            {
                throw Errno.Error("read", errno, path);
            }

            if (read == 0)
            {
                return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(content));
            }

            content.AddRange(piece[..read]);
            if (content.Count > TextBytesMax)
            {
                throw new StoreException(path, $"{path}: is longer than {TextBytesMax} bytes");
            }
        }
    }
}
