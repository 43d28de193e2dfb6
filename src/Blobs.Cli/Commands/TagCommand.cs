using System.CommandLine;
using Blobs.Docker;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tag SOURCE NAME</c>: another name for an image.</summary>
internal static class TagCommand
{
    public static Command Create()
    {
        Argument<string> image = new Argument<string>("IMAGE") { Description = "Name or id of the image." }.ForImages();
        Argument<ImageReference> name = References.Argument("NAME", "New name: [HOST/]NAME[:TAG].").ForNewName();
        var root = new RootOptions(writes: true);
        var command = new Command("tag", "Give an image another name.") { image, name };
        root.AddTo(command);
        command.Runs("no name was given", async (arguments, cancellationToken) =>
        {
            ImageReference reference = arguments.GetRequiredValue(name);
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            DockerRoot docker = locked.Root;
            await docker.TagAsync(docker.Find(arguments.GetRequiredValue(image)), reference, cancellationToken).ConfigureAwait(false);
        });
        return command.With("blobs tag alpine:3.18 alpine:latest");
    }
}
