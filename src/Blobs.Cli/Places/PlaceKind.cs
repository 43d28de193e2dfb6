namespace Blobs.Cli.Places;

/// <summary>What a <see cref="Place"/> names.</summary>
internal enum PlaceKind
{
    /// <summary>An image of the data root that <c>--root</c> names.</summary>
    RootImage,

    /// <summary>An image anywhere else: its transport says where.</summary>
    Image,

    /// <summary>A container of the data root.</summary>
    Container,

    /// <summary>A layer of the data root, on top of its parents.</summary>
    Layer,
}
