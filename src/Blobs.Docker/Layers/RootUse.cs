namespace Blobs.Docker.Layers;

/// <summary>What somebody does to a data root.</summary>
internal enum RootUse
{
    Reading,
    Writing,

    /// <summary>Makes what nobody sees yet, in directories that are locked one by one. Others may write, and no daemon may start.</summary>
    Unpacking,
}
