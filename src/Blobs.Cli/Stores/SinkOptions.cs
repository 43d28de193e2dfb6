using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>What to put into an <see cref="ImageSink"/>.</summary>
internal sealed record SinkOptions
{
    /// <summary>Which image of several under one name; the one for this machine when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>How many layers to fetch at once; a number that suits the machine when null.</summary>
    public int? LayersAtOnce { get; init; }

    /// <summary>Whether to keep compressed layers where that is a choice.</summary>
    public bool KeepBlobs { get; init; }
}
