using System.CommandLine;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Oci;
using Blobs.Trees;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs add --from REF --tag NEW SRC:DEST…</c>: a new image: another one with files added.</summary>
internal static class AddCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("SRC:DEST")
        {
            Description = "File, or directory whose content is copied, and its absolute destination; a DEST that ends in / is a directory.",
            Arity = ArgumentArity.OneOrMore,
        };
        paths.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => Split(text) is null))
            {
                result.AddError($"'{text}' is not SRC:DEST with an absolute DEST.");
            }
        });
        Option<string> from = new Option<string>("--from")
        {
            Description = "Name or id of the base image.",
            HelpName = "IMAGE",
            Required = true,
        }.ForImages();
        Option<ImageReference?> tag = References.Option("Name of the new image.", "--tag", "-t").ForNewName();
        Option<DiffForm> form = CommonOptions.DiffForm();
        var root = new RootOptions(writes: true);
        var command = new Command("add", "Make an image by adding files to another one.") { paths, from, tag, form };
        root.AddTo(command);
        command.Runs("no image was made", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            Image image = await locked.Root.AddAsync(
                arguments.GetRequiredValue(from),
                [.. arguments.GetRequiredValue(paths).Select(path => Split(path)!)],
                arguments.GetValue(tag)?.WithDefaultTag(),
                new LayerDiffOptions { Form = arguments.GetValue(form) },
                cancellationToken).ConfigureAwait(false);
            Console.Out.WriteLine($"{image.Id}");
        });
        return command.With("blobs add --from alpine:3.18 --tag hello:1 hello.txt:/", "blobs add --from base --tag app ./out:/srv/app/");
    }

    private static AddedPath? Split(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && text[(colon + 1)..] is ['/', ..] destination ? new AddedPath(text[..colon], destination) : null;
    }
}
