namespace Blobs.Tar;

/// <summary>The dialect a <see cref="TarWriter"/> speaks.</summary>
internal enum TarFormat
{
    /// <summary>Plain ustar where everything fits, a pax extension in front where it does not: what engines write.</summary>
    Pax,

    /// <summary>GNU tar's: long names in members of their own, large numbers in base-256.</summary>
    Gnu,

    /// <summary>V7: no magic, no prefix, names of at most 100 bytes.</summary>
    V7,
}
