using System.CommandLine;
using Blobs.Engine;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tag SOURCE NAME</c>: another name for an image.</summary>
internal static class TagCommand
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "Name or id of the image." };
        var name = new Argument<string>("NAME") { Description = "What to call it too: [HOST/]NAME[:TAG]." };
        var root = new RootOptions();
        var command = new Command("tag", "Give an image another name.") { image, name };
        root.AddTo(command);
        command.Runs((arguments, _) =>
        {
            ImageReference reference = ImageReference.Parse(arguments.GetRequiredValue(name));
            EngineRoot engine = root.Open(arguments);
            engine.Tag(engine.Find(arguments.GetRequiredValue(image)), reference);
            return Task.CompletedTask;
        });
        return command.With("blobs tag alpine:3.18 alpine:latest");
    }
}
