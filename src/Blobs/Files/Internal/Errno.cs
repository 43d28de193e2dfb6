using System.ComponentModel;
using System.Runtime.InteropServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Files.Internal;

/// <summary>Error numbers that the code decides by, and the messages of all.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NotFound = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoSuchDevice = 6;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int DeviceGone = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyFilesOfAll = 23;
    public const int TooManyFiles = 24;
    public const int TooManyLinks = 31;
    public const int OutOfRange = 34;
    public const int NameTooLong = 36;
    public const int NoLocks = 37;
    public const int NotImplemented = 38;
    public const int NotEmpty = 39;
    public const int TooManySymlinks = 40;
    public const int BadMessage = 74;
    public const int NotSupported = 95;
    public const int NoBuffers = 105;
    public const int NotConnected = 107;
    public const int TimedOut = 110;
    public const int Stale = 116;
    public const int NeedsCleaning = 117;
    public const int RemoteInputOutput = 121;

    /// <summary>Error number of the call that has just returned <paramref name="result"/>; 0 when it went well.</summary>
    public static int Of(nint result) => result < 0 ? Marshal.GetLastPInvokeError() : None;

    /// <summary>Whether the error says nothing about the file itself: no permission, no resources, a failing disk. A
    /// file that cannot be read for such a reason is neither missing nor damaged.</summary>
    public static bool IsTrouble(int errno) => errno is NotPermitted or InputOutput or NoSuchDevice or NoMemory or AccessDenied
        or DeviceGone or TooManyFilesOfAll or TooManyFiles
        or TooManySymlinks or BadMessage or NoBuffers or NotConnected or TimedOut or Stale
        or NeedsCleaning or RemoteInputOutput;

    /// <inheritdoc cref="IsTrouble(int)"/>
    public static bool IsTrouble(Exception fault) => fault switch
    {
        SystemCallException call => IsTrouble(call.Errno),

        // When file handles run out, the runtime fails to load its own libraries, and names them without a path.
        FileLoadException => true,
        FileNotFoundException { FileName: { } name } => !Path.IsPathRooted(name),
        IOException => IsTrouble(fault.HResult),
        _ => fault is UnauthorizedAccessException,
    };

    /// <summary>Whether the error means that nothing has that name.</summary>
    public static bool IsMissing(int errno) => errno is NotFound or NotDirectory;

    /// <summary>Throws for the errors of <see cref="IsTrouble(int)"/>.</summary>
    public static void ThrowIfTrouble(string call, int errno, ReadOnlySpan<byte> name)
    {
        if (IsTrouble(errno))
        {
            throw Error(call, errno, name);
        }
    }

    public static SystemCallException Error(string call, int errno, ReadOnlySpan<byte> name) =>
        Error(call, errno, Printable.Quote(name.TrimEnd((byte)0)));

    public static SystemCallException Error(string call, int errno, string path) =>
        new(call, errno, path, $"{path}: {call}: {Describe(errno)}");

    /// <summary>Converts the framework's exception for a call.</summary>
    public static SystemCallException Error(string call, Exception fault, string path) => Error(
        call,
        fault switch
        {
            UnauthorizedAccessException => AccessDenied,
            DirectoryNotFoundException => NotDirectory,
            FileNotFoundException => NotFound,
            PathTooLongException => NameTooLong,
            _ => fault.HResult,
        },
        path);

    /// <summary>Runs a file operation of the framework, and converts its exceptions to errors that name
    /// <paramref name="path"/>.</summary>
    public static void Naming(string call, string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Error(call, fault, path);
        }
    }

    /// <summary>The C library's message, in lower case for use within a sentence.</summary>
    public static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno).ToLowerInvariant();

    public static void ThrowIfSet(string call, int errno, ReadOnlySpan<byte> name)
    {
        if (errno != None)
        {
            throw Error(call, errno, name);
        }
    }
}
