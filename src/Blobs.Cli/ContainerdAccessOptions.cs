using System.CommandLine;
using Blobs.Containerd;
using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>Options of every verb that reads or writes a containerd.</summary>
internal sealed class ContainerdAccessOptions
{
    private readonly Option<string?> _address = new("--address")
    {
        Description = "Socket of containerd. Default: $CONTAINERD_ADDRESS, or /run/containerd/containerd.sock.",
        HelpName = "SOCKET",
    };

    private readonly Option<string> _snapshotter = new("--snapshotter")
    {
        Description = "Snapshotter of containerd that layers are unpacked for.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new ContainerdOptions().Snapshotter,
    };

    private readonly Option<bool> _discards = new("--discard-layer-blobs")
    {
        Description = "Only unpack layers into containerd, and do not keep their blobs: the image runs, but cannot be pushed or exported.",
    };

    private readonly Option<bool> _direct = new("--direct-content")
    {
        Description = "Put layers' blobs into containerd's own directory where it can be reached, which is faster than its API.",
    };

    /// <param name="command">The verb.</param>
    /// <param name="writes">Whether it writes images.</param>
    public void AddTo(Command command, bool writes = false)
    {
        command.Options.Add(_address);
        if (writes)
        {
            command.Options.Add(_snapshotter);
            command.Options.Add(_discards);
            command.Options.Add(_direct);
        }
    }

    /// <summary>A place, in the containerd that was named.</summary>
    public ImagePlace Locate(ParseResult arguments, ImagePlace place) =>
        place.Transport == ImageTransport.Containerd ? place with { Address = arguments.GetValue(_address) } : place;

    /// <summary>How images are written.</summary>
    public ContainerdOptions For(ParseResult arguments) => new()
    {
        Snapshotter = arguments.GetRequiredValue(_snapshotter),
        DiscardsLayerBlobs = arguments.GetValue(_discards),
        WritesContentDirectly = arguments.GetValue(_direct),
    };
}
