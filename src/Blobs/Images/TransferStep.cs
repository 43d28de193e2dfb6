namespace Blobs.Images;

/// <summary>What is happening to a layer on its way.</summary>
public enum TransferStep
{
    /// <summary>The target has it already; nothing is read.</summary>
    Exists,

    /// <summary>The registry mounted it from another repository; nothing is read.</summary>
    Mounted,

    /// <summary>It is a foreign layer with its own URLs; the target only names it.</summary>
    Skipped,

    /// <summary>It is being read and verified.</summary>
    Reading,

    /// <summary>The archive is a stream, and the storage driver needs the layers in order: it is copied to a temporary
    /// file.</summary>
    Spooling,

    /// <summary>The target has it now.</summary>
    Done,
}
