using System.Globalization;
using System.Runtime.InteropServices;
using Blobs.Errors;

namespace Blobs.Files;

/// <summary>Error numbers that decide something, and how the others are said.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NotFound = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyFilesOfAll = 23;
    public const int TooManyFiles = 24;
    public const int TooManyLinks = 31;
    public const int OutOfRange = 34;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int NotEmpty = 39;
    public const int TooManySymlinks = 40;
    public const int NotSupported = 95;

    /// <summary>Error number of the call that has just returned <paramref name="result"/>; 0 when it went well.</summary>
    public static int Of(nint result) => result < 0 ? Marshal.GetLastPInvokeError() : None;

    /// <summary>Whether the kernel could not do it at this moment, or the disk not at all: that says nothing about what was asked for. What
    /// cannot be read so is neither missing nor damaged.</summary>
    public static bool IsTrouble(int errno) => errno is InputOutput or NoMemory or TooManyFilesOfAll or TooManyFiles;

    /// <inheritdoc cref="IsTrouble(int)"/>
    public static bool IsTrouble(Exception fault) =>
        fault is SystemCallException call ? IsTrouble(call.Errno) : fault is IOException && IsTrouble(fault.HResult);

    public static SystemCallException Error(string call, int errno, ReadOnlySpan<byte> name) =>
        Error(call, errno, Printable.Quote(name.TrimEnd((byte)0)));

    public static SystemCallException Error(string call, int errno, string path) => new(
        call,
        errno,
        path,
        string.Create(CultureInfo.InvariantCulture, $"{path}: {call}: {Marshal.GetPInvokeErrorMessage(errno).ToLowerInvariant()}"));

    public static void ThrowIfSet(string call, int errno, ReadOnlySpan<byte> name)
    {
        if (errno != None)
        {
            throw Error(call, errno, name);
        }
    }
}
