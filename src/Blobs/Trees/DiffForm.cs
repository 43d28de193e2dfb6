namespace Blobs.Trees;

/// <summary>The Docker version whose form the tar of a change has. The forms differ only as described here, but the
/// same change has a different DiffID in each.</summary>
public enum DiffForm
{
    /// <summary>24.0 and later: owners are numbers, the mode has permission bits only. The same change has the same
    /// DiffID on every machine.</summary>
    Engine24,

    /// <summary>23.0: owners are numbers, the mode has the file's type too.</summary>
    Engine23,

    /// <summary>20.10 and earlier: owners also have this machine's names for them, the mode has the file's type
    /// too.</summary>
    Engine20,
}
