namespace Blobs.Images;

/// <summary>What is happening to a layer on its way.</summary>
public enum TransferStep
{
    /// <summary>The target has it: nothing is read.</summary>
    Exists,

    /// <summary>The target took it over from another repository of its own: nothing is read.</summary>
    Mounted,

    /// <summary>It lives at addresses of its own, and stays there: the target only names it.</summary>
    Skipped,

    /// <summary>It is being read and checked.</summary>
    Reading,

    /// <summary>The archive goes by in an order that the storage driver cannot use, and is kept in a temporary file.</summary>
    Spooling,

    /// <summary>It is there.</summary>
    Done,
}
