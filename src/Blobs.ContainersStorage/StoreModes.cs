using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>Modes of the store's own files and directories: private, or readable by everybody in an additional image
/// store.</summary>
internal sealed class StoreModes
{
    /// <summary>The top of a base layer's tree.</summary>
    public const UnixFileMode BaseTree = MadeDirectories.Readable & ~UnixFileMode.UserWrite;

    private StoreModes(UnixFileMode directory, UnixFileMode file)
    {
        Directory = directory;
        File = file;
    }

    public UnixFileMode Directory { get; }

    public UnixFileMode File { get; }

    public static StoreModes Of(ContainersStoreOptions options)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options.IsAdditional
            ? new StoreModes(MadeDirectories.Readable, SmallFile.Readable)
            : new StoreModes(Private | UnixFileMode.UserExecute, Private);
    }
}
