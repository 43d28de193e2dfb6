namespace Blobs.Tar;

/// <summary>The type flag of a tar header, by its byte. Values that are not named here are passed on as they are.</summary>
public enum TarEntryType : byte
{
    /// <summary>A regular file; NUL in old archives is reported as this, or as a directory when the name ends in a slash.</summary>
    File = (byte)'0',

    /// <summary>Another name for an earlier entry.</summary>
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

    /// <summary>A contiguous file: a regular one everywhere today.</summary>
    ContiguousFile = (byte)'7',

    /// <summary>pax records for the whole archive. It is an entry of its own, without payload.</summary>
    GlobalExtension = (byte)'g',

    /// <summary>A file with holes, in GNU tar's old form.</summary>
    GnuSparse = (byte)'S',
}
