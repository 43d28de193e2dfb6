using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Stores;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tag SOURCE NAME</c>: another name for an image.</summary>
internal static class TagCommand
{
    public static Command Create()
    {
        Argument<StoredName> image = StoredName.Argument("IMAGE", "Name or id of the image.");
        Argument<StoredName> name =
            StoredName.Argument("NAME", "New name: [HOST/]NAME[:TAG], in the same store as the image.");
        var stores = new StoreOptions(writes: true);
        var command = new Command("tag", "Give an image another name.") { image, name };
        command.Validators.Add(result => Check(result, result.ValueIfValid(image), result.ValueIfValid(name)));
        stores.AddTo(command);
        command.Runs("no name was given", async (arguments, cancellationToken) =>
        {
            StoredName source = arguments.GetRequiredValue(image);
            using ImageStore store = await stores.OpenAsync(arguments, source.Store, cancellationToken).ConfigureAwait(false);
            var newName = ImageReference.Parse(arguments.GetRequiredValue(name).Name);
            await store.TagAsync(source.Name, newName, cancellationToken).ConfigureAwait(false);
        });
        return command.With("blobs tag alpine:3.18 alpine:latest", "blobs tag containers-storage:alpine:3.18 alpine:latest");
    }

    private static void Check(CommandResult result, StoredName? image, StoredName? name)
    {
        if (image is null || name is null)
        {
            return;
        }

        if (name.Store is not null && name.Store != image.Store)
        {
            result.AddError($"'{name}': a new name stays in the image's store; use blobs copy for another store");
        }
        else if (!ImageReference.TryParse(name.Name, out _))
        {
            result.AddError($"'{name.Name}': is an id; give a name");
        }
        else
        {
            References.RefuseDigest(result, name.Name);
        }
    }
}
