namespace Blobs.Cli.Places;

/// <summary>What a name without a transport means to a verb.</summary>
internal enum PlainName
{
    /// <summary>An image of the data root.</summary>
    InRoot,

    /// <summary>An image in a registry.</summary>
    InRegistry,
}
