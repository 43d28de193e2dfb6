using Microsoft.Win32.SafeHandles;

namespace Blobs.Cli;

/// <summary>Standard input and output as files, for bytes: the library can then treat a pipe as one.</summary>
internal static class StandardStreams
{
    public static Stream OpenInput() => Open(0, FileAccess.Read);

    public static Stream OpenOutput() => Open(1, FileAccess.Write);

    private static FileStream Open(int handle, FileAccess access) =>
        new(new SafeFileHandle(handle, ownsHandle: false), access, bufferSize: 0);
}
