namespace Blobs.Trees;

/// <summary>Which generation of engines the tar of a change is made as. The tars differ only in what is said here, so one change has
/// another DiffID in each.</summary>
public enum DiffForm
{
    /// <summary>24.0 and later: owners are numbers, the mode has permission bits only. The same change gives the same DiffID on every
    /// machine.</summary>
    Engine24,

    /// <summary>23.0: owners are numbers, the mode has the file's type too.</summary>
    Engine23,

    /// <summary>20.10 and earlier: owners have the names that this machine gives them, the mode has the file's type too.</summary>
    Engine20,
}
