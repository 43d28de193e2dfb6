namespace Blobs.Erofs;

/// <summary>How an EROFS image stores the content of files.</summary>
public enum ErofsLayout
{
    /// <summary>Each file on its own, padded to blocks of 4,096 bytes. Linux 5.4 and later mount it (5.15 with sparse files), and the
    /// layer's tar can be rebuilt with a recording.</summary>
    Plain,

    /// <summary>The tar as it is, with metadata that points into it, in blocks of 512 bytes. The image holds the exact tar. Linux 6.4 and
    /// later mount it, except from a disk or loop device whose sectors are larger than 512 bytes.</summary>
    Tar,
}
