using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>An input by the name that a user gives: a file, a named pipe, or standard input for <c>-</c>.</summary>
[SupportedOSPlatform("linux")]
public static class InputFile
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Opens an input. Opening a named pipe waits until a writer opens it.</summary>
    /// <param name="name">What the user typed.</param>
    /// <exception cref="StoreException">It is a directory.</exception>
    /// <exception cref="SystemCallException">It is not there, or may not be read.</exception>
    public static FileStream OpenRead(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name == StandardInput
            ? new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0)
            : FileHandle.OpenRead(name);
    }
}
