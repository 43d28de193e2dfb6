using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tag SOURCE NAME</c>: another name for an image.</summary>
internal static class TagCommand
{
    public static Command Create()
    {
        Argument<StoredName> image = StoredName.Argument("IMAGE", "Name or id of the image.");
        Argument<ImageReference> name = References.Argument("NAME", "New name: [HOST/]NAME[:TAG].").ForNewName();
        var stores = new StoreOptions(writes: true);
        var command = new Command("tag", "Give an image another name.") { image, name };
        stores.AddTo(command);
        command.Runs("no name was given", async (arguments, cancellationToken) =>
        {
            StoredName source = arguments.GetRequiredValue(image);
            using ImageStore store = await stores.OpenAsync(arguments, source.Store, cancellationToken).ConfigureAwait(false);
            await store.TagAsync(source.Name, arguments.GetRequiredValue(name), cancellationToken).ConfigureAwait(false);
        });
        return command.With("blobs tag alpine:3.18 alpine:latest", "blobs tag containers-storage:alpine:3.18 alpine:latest");
    }
}
