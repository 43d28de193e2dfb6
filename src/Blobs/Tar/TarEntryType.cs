namespace Blobs.Tar;

/// <summary>The type flag of a tar header; each value is the byte in the header. Other values are passed on as they are.</summary>
public enum TarEntryType : byte
{
    /// <summary>A regular file. The NUL of old archives is reported as this, or as a directory if the name ends in a slash.</summary>
    File = (byte)'0',

    /// <summary>A hard link to an earlier entry.</summary>
    HardLink = (byte)'1',

    /// <summary>A symbolic link.</summary>
    SymbolicLink = (byte)'2',

    /// <summary>A character device.</summary>
    CharacterDevice = (byte)'3',

    /// <summary>A block device.</summary>
    BlockDevice = (byte)'4',

    /// <summary>A directory.</summary>
    Directory = (byte)'5',

    /// <summary>A named pipe.</summary>
    Fifo = (byte)'6',

    /// <summary>A contiguous file, which today's systems treat as a regular one.</summary>
    ContiguousFile = (byte)'7',

    /// <summary>pax records for the whole archive. Reported as an entry without payload.</summary>
    GlobalExtension = (byte)'g',

    /// <summary>A sparse file in GNU tar's old form.</summary>
    GnuSparse = (byte)'S',
}
