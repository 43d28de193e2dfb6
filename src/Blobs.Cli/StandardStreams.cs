using Microsoft.Win32.SafeHandles;

namespace Blobs.Cli;

/// <summary>Standard input as a file, for bytes: the library can then treat a pipe as one.</summary>
internal static class StandardStreams
{
    public static Stream OpenInput() => new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
}
