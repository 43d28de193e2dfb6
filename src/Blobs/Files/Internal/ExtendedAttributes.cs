using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Blobs.Files.Internal;

/// <summary>Extended attributes of a directory's entries (of a symbolic link itself), and setting them on an open file.
/// Names end in NUL.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class ExtendedAttributes
{
    private const nint ListXattrAtNumber = 465;

    /// <summary>Whether the kernel lists attributes relative to a directory, as Linux 6.13 and later do; found by
    /// trying.</summary>
    internal static bool CanListAt { get; set; } = true;

    /// <summary>Sets an attribute of an open file.</summary>
    internal static int Set(int handle, ReadOnlySpan<byte> xattrZ, ReadOnlySpan<byte> value)
    {
        fixed (byte* xattr = xattrZ, data = value)
        {
            return Errno.Of(Syscalls.SetXattr(handle, xattr, data, value.Length, 0));
        }
    }

    /// <summary>Sets an attribute of an entry.</summary>
    public static int SetXattr(
        this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> xattrZ, ReadOnlySpan<byte> value)
    {
        fixed (byte* path = PathOf(directory, nameZ), xattr = xattrZ, data = value)
        {
            return Errno.Of(Syscalls.SetXattrOfPath(path, xattr, data, value.Length, 0));
        }
    }

    /// <summary>The value of an attribute; null when it is not set.</summary>
    public static byte[]? GetXattr(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> xattrZ)
    {
        directory.TryGetXattr(nameZ, xattrZ, out byte[]? value);
        return value;
    }

    /// <summary>As <see cref="GetXattr"/>, with an error number that says why there is no value.</summary>
    public static int TryGetXattr(
        this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> xattrZ, out byte[]? value) =>
        Read("getxattr", directory, nameZ, xattrZ, out value);

    /// <summary>The names of all attributes of an entry, each ending in NUL.</summary>
    public static byte[] ListXattrs(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ) =>
        Read("listxattr", directory, nameZ, default, out byte[]? names) == Errno.None ? names! : [];

    // An attribute that cannot be read must not pass for one that is not set. Without root, attributes of unreadable
    // files count as not set.
    private static void ThrowIfTrouble(string call, int errno, ReadOnlySpan<byte> nameZ)
    {
        if (errno is not (Errno.NotPermitted or Errno.AccessDenied) || CurrentUser.IsRoot)
        {
            Errno.ThrowIfTrouble(call, errno, nameZ);
        }
    }

    // Nearly all values and lists fit the stack buffer.
    private static int Read(
        string call, DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> xattrZ, out byte[]? value)
    {
        const int BytesMax = 64 << 10;
        const int UsualBytesMax = 256;
        Span<byte> usual = stackalloc byte[UsualBytesMax];
        nint length = Read(directory, nameZ, xattrZ, usual);
        int errno = Errno.Of(length);
        value = errno == Errno.None ? usual[..(int)length].ToArray() : null;
        if (errno == Errno.OutOfRange)
        {
            byte[] buffer = new byte[BytesMax];
            length = Read(directory, nameZ, xattrZ, buffer);
            errno = Errno.Of(length);
            value = errno == Errno.None ? buffer[..(int)length] : null;
        }

        ThrowIfTrouble(call, errno, nameZ);
        return errno;
    }

    // Reads the value of one attribute, or, without a name, lists the names of all.
    private static nint Read(DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> xattrZ, Span<byte> target)
    {
        if (xattrZ.IsEmpty && CanListAt && ListAt(directory, nameZ, target) is { } listed)
        {
            return listed;
        }

        fixed (byte* path = PathOf(directory, nameZ), xattr = xattrZ, data = target)
        {
            return xattrZ.IsEmpty
                ? Syscalls.ListXattrsOfPath(path, data, target.Length)
                : Syscalls.GetXattrOfPath(path, xattr, data, target.Length);
        }
    }

    // Four times as fast as a path through /proc; null where the kernel, or a seccomp filter, does not know the call.
    private static nint? ListAt(DirectoryHandle directory, ReadOnlySpan<byte> nameZ, Span<byte> target)
    {
        fixed (byte* name = nameZ, data = target)
        {
            nint length = Syscalls.ListXattrsAt(
                ListXattrAtNumber, directory.Handle, name, Syscalls.NoFollowAt, data, target.Length);
            if (Errno.Of(length) is not (Errno.NotImplemented or Errno.NotPermitted))
            {
                return length;
            }
        }

        CanListAt = false;
        return null;
    }

    // Most attribute calls take no directory handle. A path through /proc/self/fd reaches the same directory, and the
    // last component is not followed.
    private static byte[] PathOf(DirectoryHandle directory, ReadOnlySpan<byte> nameZ)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Handle}/");
        return [.. Encoding.ASCII.GetBytes(path), .. nameZ];
    }
}
