using System.CommandLine;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Oci;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs commit CONTAINER [NAME]</c>: an image from a container's changes.</summary>
internal static class CommitCommand
{
    public static Command Create()
    {
        var container = new Argument<string>("CONTAINER") { Description = "Name or id of the container." };
        Argument<ImageReference?> name = References.OptionalArgument("NAME", "Name of the new image.").ForNewName();
        var author = new Option<string?>("--author", "-a") { Description = "Author of the image.", HelpName = "TEXT" };
        var message = new Option<string?>("--message", "-m") { Description = "Commit message.", HelpName = "TEXT" };
        Option<DiffForm> form = CommonOptions.DiffForm();
        var root = new RootOptions(writes: true);
        var command = new Command("commit", "Make an image from a container's changes.") { container, name, author, message, form };
        root.AddTo(command);
        command.Runs("no image was made", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            Image image = await locked.Root.CommitAsync(
                locked.Root.Containers.Find(arguments.GetRequiredValue(container)),
                arguments.GetValue(name)?.WithDefaultTag(),
                arguments.GetValue(author),
                arguments.GetValue(message),
                new LayerDiffOptions { Form = arguments.GetValue(form) },
                cancellationToken).ConfigureAwait(false);
            Console.Out.WriteLine($"{image.Id}");
        });
        return command.With("blobs commit web web:patched --message \"added certificates\"");
    }
}
