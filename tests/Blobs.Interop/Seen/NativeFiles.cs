using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Interop.Seen;

/// <summary>The system calls that System.IO cannot stand in for: names as bytes, owners, devices, attributes.</summary>
internal static unsafe partial class NativeFiles
{
    public const int NoFollow = 0x100;
    private const string C = "libc";
    private const int StatxBytes = 256;
    private const uint StatxBasic = 0x7FF;
    private const int CurrentFolder = -100;
    private const int ReadOnlyNoFollow = 0x2_0000 | 0x8_0000;
    private const int WriteNew = 0x1 | 0x40 | 0x200 | 0x8_0000;

    /// <summary>The bytes of a struct statx for a name, not followed when it is a link.</summary>
    public static byte[] Statx(byte[] path)
    {
        byte[] status = new byte[StatxBytes];
        Check(Statx(CurrentFolder, Terminated(path), NoFollow, StatxBasic, status), path);
        return status;
    }

    public static byte[] ReadLink(byte[] path)
    {
        byte[] target = new byte[4096];
        nint length = ReadLink(Terminated(path), target, target.Length);
        Check((int)length, path);
        return target[..(int)length];
    }

    public static IReadOnlyList<string> AttributeNames(byte[] path)
    {
        byte[] names = new byte[65536];
        nint length = ListAttributes(Terminated(path), names, names.Length);
        Check((int)length, path);
        return System.Text.Encoding.UTF8.GetString(names, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    public static byte[] Attribute(byte[] path, string name)
    {
        byte[] value = new byte[65536];
        nint length = GetAttribute(Terminated(path), name, value, value.Length);
        Check((int)length, path);
        return value[..(int)length];
    }

    public static FileStream OpenRead(byte[] path) => Open(path, ReadOnlyNoFollow, FileAccess.Read);

    public static FileStream Create(byte[] path) => Open(path, WriteNew, FileAccess.Write);

    public static void MakeFolder(byte[] path) => _ = MakeDirectory(Terminated(path), 0b111_101_101);

    /// <summary>The names in a folder without <c>.</c> and <c>..</c>, in the order of their bytes.</summary>
    public static IReadOnlyList<byte[]> Names(byte[] folder)
    {
        nint stream = OpenDirectory(Terminated(folder));
        Check(stream == 0 ? -1 : 0, folder);
        var names = new List<byte[]>();
        try
        {
            // struct dirent of 64-bit Linux: inode 8, offset 8, length 2, type 1, then the name.
            while (ReadDirectory(stream) is var entry && entry != 0)
            {
                byte[] name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + 19).ToArray();
                if (!name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8))
                {
                    names.Add(name);
                }
            }
        }
        finally
        {
            _ = CloseDirectory(stream);
        }

        names.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        return names;
    }

    private static FileStream Open(byte[] path, int flags, FileAccess access)
    {
        int descriptor = OpenFile(Terminated(path), flags, 0b110_100_100);
        Check(descriptor, path);
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), access);
    }

    private static byte[] Terminated(byte[] path) => [.. path, 0];

    private static void Check(int result, byte[] path)
    {
        if (result < 0)
        {
            throw new IOException($"{ByteText.Escape(path)}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport(C, EntryPoint = "statx", SetLastError = true)]
    private static partial int Statx(int folder, byte[] path, int flags, uint mask, byte[] status);

    [LibraryImport(C, EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLink(byte[] path, byte[] target, nint size);

    [LibraryImport(C, EntryPoint = "llistxattr", SetLastError = true)]
    private static partial nint ListAttributes(byte[] path, byte[] names, nint size);

    [LibraryImport(C, EntryPoint = "lgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(byte[] path, string name, byte[] value, nint size);

    [LibraryImport(C, EntryPoint = "open", SetLastError = true)]
    private static partial int OpenFile(byte[] path, int flags, int mode);

    [LibraryImport(C, EntryPoint = "mkdir", SetLastError = true)]
    private static partial int MakeDirectory(byte[] path, int mode);

    [LibraryImport(C, EntryPoint = "opendir", SetLastError = true)]
    private static partial nint OpenDirectory(byte[] path);

    [LibraryImport(C, EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadDirectory(nint stream);

    [LibraryImport(C, EntryPoint = "closedir", SetLastError = true)]
    private static partial int CloseDirectory(nint stream);
}
