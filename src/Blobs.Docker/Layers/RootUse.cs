namespace Blobs.Docker.Layers;

/// <summary>A way to use a data root.</summary>
internal enum RootUse
{
    Reading,
    Writing,

    /// <summary>Creates hidden data in directories that are locked individually. Others may write, but no Docker daemon
    /// may start.</summary>
    Unpacking,
}
