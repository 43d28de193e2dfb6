namespace Blobs.Tar;

/// <summary>The tar formats that <see cref="TarWriter"/> writes.</summary>
public enum TarFormat
{
    /// <summary>Plain ustar if everything fits, with a pax extension in front if not. Engines write this.</summary>
    Pax,

    /// <summary>GNU tar: long names in members of their own, large numbers in base-256.</summary>
    Gnu,

    /// <summary>V7: no magic, no prefix, names of at most 100 bytes.</summary>
    V7,
}
